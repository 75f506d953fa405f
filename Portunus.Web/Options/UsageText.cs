using System.Text;

namespace Portunus.Web.Options;

/// <summary>The help, made of what the reader of the command line knows.</summary>
internal static class UsageText
{
    public static string Of(IReadOnlyList<VerbSpec> verbs)
    {
        var text = new StringBuilder("portunus-web: the control plane of Portunus\n\n");
        foreach (var verb in verbs)
        {
            text.Append($"  portunus-web {string.Join(' ', new[] { verb.Name }.Concat(verb.Arguments).Where(word => word.Length > 0))}".TrimEnd()).Append('\n');
            text.Append($"      {verb.Summary}\n");
            if (verb != VerbSpec.Serve && ReferenceEquals(verb.Flags, VerbSpec.Serve.Flags))
            {
                text.Append("      with the flags above\n");
                continue;
            }

            foreach (var flag in verb.Flags)
            {
                Append(text, flag);
            }
        }

        text.Append("\nThe flags of the first command are also variables (--log-level is PORTUNUS_LOG_LEVEL) and keys of server.toml in the data\n");
        text.Append("directory (log_level). A flag wins over a variable, a variable over the file.\n");
        text.Append("\nEvery command takes:\n");
        foreach (var flag in CommandLine.Common)
        {
            Append(text, flag);
        }

        return text.Append($"\nExit codes: {ExitCode.Done} done, {ExitCode.Failed} could not, {ExitCode.Asked} asked wrongly, {ExitCode.BadFile} the backup file is not good, {ExitCode.Newer} the store or the backup is of a newer version.").ToString();
    }

    private static void Append(StringBuilder text, FlagSpec flag)
    {
        var left = flag.Value is null ? flag.Name : $"{flag.Name} {flag.Value}";
        text.Append($"      {left,-32} {flag.Summary}\n");
    }
}
