using System.Buffers;
using System.Text;
using System.Text.Json;
using Portunus.Shared.RuleJson;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Rules;

/// <summary>A rule as the audit log keeps it: what was asked, where, and whose.</summary>
internal static class RuleTold
{
    public static string Json(Rule row)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("edge", row.EdgeId.ToString());
            writer.WriteString("owner", row.OwnerId.ToString());
            writer.WriteNumber("revision", row.Revision);
            if (RuleRows.Spec(row) is { } spec)
            {
                RuleJsonWriter.WriteFields(writer, spec);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
