using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>A verb cannot do what it was asked, for a reason that whoever asked can do something about. Caught where verbs are run.</summary>
internal sealed class MaintenanceRefusal(string sentence, int exitCode = ExitCode.Failed) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;
}
