using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Portunus.Tests.Kit;

/// <summary>
/// Runs a piece of a test on a thread in a network namespace of its own, with loopback up (network_namespaces(7)). It is
/// gone with the thread and the sockets made there. Root alone may do this.
/// </summary>
internal static class NetworkNamespace
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    /// <summary>The kernel's id of the calling thread, by which ip(8) can name its namespace.</summary>
    public static int ThreadId => gettid();

    public static void Run(Action body)
    {
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (unshare(NewNetwork) != 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                }

                // A child belongs to the namespace of the thread that starts it.
                using var ip = Process.Start("ip", ["link", "set", "lo", "up"]);
                ip.WaitForExit();
                Assert.Equal(0, ip.ExitCode);
                body();
            }
            catch (Exception one)
            {
                error = one;
            }
        });
        thread.Start();
        thread.Join();
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int unshare(int flags);

    [DllImport("libc")]
    private static extern int gettid();
}
