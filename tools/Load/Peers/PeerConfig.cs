using System.Text;
using System.Text.RegularExpressions;

namespace Portunus.Load.Peers;

/// <summary>Peers' configurations: files beside this one, with <c>@name@</c> where a value of the run belongs.</summary>
internal static partial class PeerConfig
{
    /// <summary>The committed file of that name as text.</summary>
    public static string Template(string file)
    {
        using var stream = typeof(PeerConfig).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"no configuration {file} is built in");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Puts values in. A place without a value is an error: a peer with a half-written configuration measures nothing.</summary>
    public static string Render(string template, IReadOnlyDictionary<string, string> values) => Place().Replace(template, match =>
        values.TryGetValue(match.Groups[1].Value, out var value)
            ? value
            : throw new InvalidOperationException($"the configuration wants @{match.Groups[1].Value}@, which has no value"));

    /// <summary>A rule file of <paramref name="count"/> rules on ports from <paramref name="firstPort"/> up, one target for all.</summary>
    public static string ManyRules(int count, int firstPort, int target)
    {
        var text = new StringBuilder();
        for (var index = 0; index < count; index++)
        {
            text.Append("[[rule]]\nname = \"rule-").Append(index)
                .Append("\"\nlisten_address = \"127.0.0.1\"\nlisten_port = ").Append(firstPort + index)
                .Append("\ntarget = \"127.0.0.1:").Append(target).Append("\"\n\n");
        }

        return text.ToString();
    }

    [GeneratedRegex("@([a-z_]+)@")]
    private static partial Regex Place();
}
