using System.ComponentModel;
using System.Diagnostics;

namespace Portunus.Tests.Kit;

/// <summary>A test that watches system calls with strace and is skipped, saying so, where that is not to be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = s_reason.Value;

    private static readonly Lazy<string?> s_reason = new(Reason);

    private static string? Reason()
    {
        try
        {
            using var strace = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { UseShellExecute = false, RedirectStandardError = true });
            strace?.WaitForExit();
            return strace?.ExitCode == 0 ? null : "ptrace is not permitted here";
        }
        catch (Win32Exception)
        {
            return "strace is not installed";
        }
    }
}
