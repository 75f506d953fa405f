using Portunus.Load.Machine;

namespace Portunus.Load;

/// <summary>Programs a run needs, and the Debian packages that bring them. Installs what is missing where apt is there, else says what to install.</summary>
internal static class NeededPrograms
{
    private const string StreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    private static readonly (string Program, string Package)[] s_all =
    [
        ("ip", "iproute2"), ("iptables", "iptables"), ("haproxy", "haproxy"), ("nginx", "nginx-light"), ("wrk", "wrk"), ("iperf3", "iperf3"), ("kill", "procps"),
    ];

    public static async Task EnsureAsync(CancellationToken stop)
    {
        var missing = Missing();
        if (missing.Length == 0)
        {
            return;
        }

        if (IsThere("apt-get"))
        {
            await Console.Error.WriteLineAsync($"installing: {string.Join(' ', missing)}");
            var quiet = new[] { "-c", "export DEBIAN_FRONTEND=noninteractive; apt-get update -q && apt-get install -y -q --no-install-recommends \"$@\"", "sh" };
            await CommandRun.RunAsync("/bin/sh", [.. quiet, .. missing], TimeSpan.FromMinutes(5), stop);
            missing = Missing();
        }

        if (missing.Length > 0)
        {
            throw new InvalidOperationException($"needed here: apt install {string.Join(' ', missing)}");
        }
    }

    private static string[] Missing() =>
    [
        .. s_all.Where(need => !IsThere(need.Program)).Select(need => need.Package),
        .. File.Exists(StreamModule) ? Array.Empty<string>() : ["libnginx-mod-stream"],
    ];

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"]).Any(folder => File.Exists(Path.Combine(folder, program)));
}
