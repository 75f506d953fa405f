using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Portunus.Load.Control;

/// <summary>The control plane as users run it, on a port of the kernel's choice.</summary>
internal sealed class ControlProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _draining;

    private ControlProcess(Process process, Uri address, TimeSpan startTime, Task draining) =>
        (_process, Address, StartTime, _draining) = (process, address, startTime, draining);

    public Uri Address { get; }

    /// <summary>From the start of the process to the first 200 of <c>/readyz</c>.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public double ResidentMiB
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(one => one.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public static async Task<ControlProcess> StartAsync(string program, string folder, int linkPort, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo(program, ["--data-dir", folder, "--admin-listen", "127.0.0.1:0", "--link-listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{linkPort}"), "--metrics-listen", "127.0.0.1:0"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("the control plane did not start");
        var address = await AddressAsync(process, cancel);
        using var http = new HttpClient();
        while (!(await http.GetAsync(new Uri(address, "/readyz"), cancel)).IsSuccessStatusCode)
        {
            await Task.Delay(5, cancel);
        }

        var took = watch.Elapsed;
        return new ControlProcess(process, address, took, process.StandardError.BaseStream.CopyToAsync(Stream.Null, cancel));
    }

    /// <summary>Makes the first superadmin with the token it printed, signs in, and makes a token.</summary>
    public async Task<string> FirstTokenAsync(CancellationToken cancel)
    {
        var printed = await _process.StandardOutput.ReadLineAsync(cancel) ?? "";
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        using var http = new HttpClient { BaseAddress = Address };
        (await http.PostAsJsonAsync("/v1/auth/setup", new { setup_token = printed.Split(": ")[^1], name = "load", password }, cancel)).EnsureSuccessStatusCode();
        (await http.PostAsJsonAsync("/v1/auth/sign-in", new { name = "load", password }, cancel)).EnsureSuccessStatusCode();
        http.DefaultRequestHeaders.Add("X-Portunus-CSRF", "1");
        using var made = (await http.PostAsJsonAsync("/v1/me/tokens", new { name = "load", scope = "write" }, cancel)).EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("secret").GetString() ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        await _draining;
        _process.Dispose();
    }

    private static async Task<Uri> AddressAsync(Process process, CancellationToken cancel)
    {
        while (await process.StandardError.ReadLineAsync(cancel) is { } line)
        {
            var serves = line.IndexOf(" serves ", StringComparison.Ordinal);
            if (serves >= 0)
            {
                return new Uri(line[(serves + " serves ".Length)..].Split(' ')[0]);
            }
        }

        throw new InvalidOperationException("the control plane ended before it served");
    }
}
