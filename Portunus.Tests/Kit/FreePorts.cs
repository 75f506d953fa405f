using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>
/// Ports for listeners under test: below the ephemeral range, so that no outgoing connection of another test takes one
/// between the choice and the bind, and each handed out once per process.
/// </summary>
internal static class FreePorts
{
    private const int First = 12000;
    private const int Last = 31000;

    private static readonly Lock s_gate = new();
    private static int s_next = First + Random.Shared.Next(Last - First);

    /// <summary>The first of <paramref name="count"/> consecutive ports that nobody holds.</summary>
    public static int Take(int count = 1)
    {
        lock (s_gate)
        {
            for (var tries = 0; tries < Last - First; tries++)
            {
                if (s_next + count > Last)
                {
                    s_next = First;
                }

                var first = s_next;
                s_next += count;
                if (Enumerable.Range(first, count).All(IsFree))
                {
                    return first;
                }
            }
        }

        throw new InvalidOperationException("no free port in the test range");
    }

    private static bool IsFree(int port) => IsFree(port, SocketType.Stream, ProtocolType.Tcp) && IsFree(port, SocketType.Dgram, ProtocolType.Udp);

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
