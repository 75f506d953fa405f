using System.Text;

namespace Portunus.Edge.Logs;

/// <summary>Names as JSON and TOML spell them everywhere in Portunus.</summary>
internal static class SnakeCase
{
    /// <summary><c>RuleListens</c> becomes <c>rule_listens</c>.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
