using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>The sockets of this process, the engine's among them, to look at their options.</summary>
internal static class OpenSockets
{
    /// <summary>What <paramref name="read"/> says of the connection from one port to another; null when there is none.</summary>
    public static T? Find<T>(int localPort, int remotePort, Func<Socket, T> read)
        where T : struct
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            try
            {
                if (new FileInfo(entry).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) != true)
                {
                    continue;
                }

                using var handle = new SafeSocketHandle(int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture), ownsHandle: false);
                // Not disposed: it would shut down what is not ours.
                var socket = new Socket(handle);
                GC.SuppressFinalize(socket);
                if (socket.LocalEndPoint is IPEndPoint local && local.Port == localPort
                    && socket.RemoteEndPoint is IPEndPoint remote && remote.Port == remotePort)
                {
                    return read(socket);
                }
            }
            catch (SocketException)
            {
                // Not a connection, or not one any more.
            }
            catch (IOException)
            {
                // Closed while it was looked at.
            }
        }

        return null;
    }
}
