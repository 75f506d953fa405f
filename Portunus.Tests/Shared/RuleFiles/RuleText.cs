using System.Text;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>Texts of rule files, read and looked at.</summary>
internal static class RuleText
{
    /// <summary>A rule that is all right, for files that are about something else.</summary>
    public const string SoundRule = """
        [[rule]]
        name = "sound"
        listen_port = 8080
        target = "192.0.2.1:80"

        """;

    public static RuleFileResult Read(string text, PortRange? outgoingPorts = null) => RuleFileReader.Read(Encoding.UTF8.GetBytes(text), outgoingPorts);

    /// <summary>The file that the text is, which must be without problems.</summary>
    public static RuleFile Sound(string text)
    {
        var result = Read(text);
        Assert.Empty(result.Problems.Select(Line));
        return Assert.IsType<RuleFile>(result.File);
    }

    /// <summary>The only problem of the text.</summary>
    public static FileProblem Problem(string text)
    {
        var result = Read(text);
        Assert.Null(result.File);
        return Assert.Single(result.Problems);
    }

    /// <summary>A problem on one line, so that a failed comparison shows what there was.</summary>
    public static string Line(FileProblem problem) => $"{problem.Line}:{problem.Column} {problem.Code} {problem.Field}";
}
