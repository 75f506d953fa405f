using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Portunus.Tests.Kit;

/// <summary>
/// Two network namespaces and a link of a given MTU between them (veth(4)), gone with the test. What the near side starts, processes
/// too, is in the near one. Root alone may do this.
/// </summary>
internal static class LinkedNamespaces
{
    public static readonly IPAddress Near = new([10, 77, 0, 1]);
    public static readonly IPAddress Far = new([10, 77, 0, 2]);

    /// <param name="mtu">Of both ends.</param>
    /// <param name="far">Makes what answers on the far side.</param>
    /// <param name="near">The test, on the near side.</param>
    public static void Run(int mtu, Func<IAsyncDisposable> far, Action near) => NetworkNamespace.Run(() =>
    {
        var (farThread, linked, ready, over) = (new TaskCompletionSource<int>(), new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var farSide = Task.Run(() => NetworkNamespace.Run(() =>
        {
            try
            {
                farThread.SetResult(NetworkNamespace.ThreadId);
                linked.Task.GetAwaiter().GetResult();
                Ip("addr", "add", $"{Far}/24", "dev", "far0");
                Ip("link", "set", "far0", "mtu", Text(mtu), "up");
                var answering = far();
                ready.SetResult();
                over.Task.GetAwaiter().GetResult();
                answering.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
            catch (Exception error)
            {
                ready.TrySetException(error);
                throw;
            }
        }));
        try
        {
            Ip("link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", Text(Eventually.Within(farThread.Task).GetAwaiter().GetResult()));
            Ip("addr", "add", $"{Near}/24", "dev", "near0");
            Ip("link", "set", "near0", "mtu", Text(mtu), "up");
            linked.SetResult();
            Eventually.Within(ready.Task).GetAwaiter().GetResult();
            near();
        }
        finally
        {
            linked.TrySetResult();
            over.SetResult();
            Eventually.Within(farSide).GetAwaiter().GetResult();
        }
    });

    /// <summary>Runs ip(8) in the namespace of the calling thread.</summary>
    public static void Ip(params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var errors = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        Assert.True(ip.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {errors}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
