using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Kit;

/// <summary>A hosted engine for a thread that must not leave its network namespace, and so cannot await.</summary>
internal sealed class BlockingEngine(int loops = 1) : IDisposable
{
    private readonly HostedEngine _engine = HostedEngine.StartAsync(loops).GetAwaiter().GetResult();

    /// <summary>A UDP rule for port 8000 of loopback and a target there.</summary>
    public static RuleSpec Spec(string name, int targetPort) => new()
    {
        Name = name, Protocol = "udp", ListenAddress = "127.0.0.1", ListenPort = 8000, Target = $"127.0.0.1:{targetPort}",
    };

    /// <summary>A UDP socket in the thread's namespace.</summary>
    public static Socket Bound(int port, string address = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000, ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return socket;
    }

    /// <summary>A link v0 with the address 10.9.8.1/24 and nobody else on it.</summary>
    public static void AddLink()
    {
        Ip("link add v0 type veth peer name v1");
        Ip("link set v0 up");
        Ip("link set v1 up");
        Ip("addr add 10.9.8.1/24 brd 10.9.8.255 dev v0");
    }

    public void Put(RuleSpec spec) => Assert.Equal("Listening", _engine.PutAsync(spec).GetAwaiter().GetResult().Standing);

    public HostReply Look(string name) => _engine.LookAsync(name).GetAwaiter().GetResult();

    public HostReply Until(string name, Func<HostReply, bool> holds, string what) => _engine.EventuallyAsync(name, holds, what).GetAwaiter().GetResult();

    /// <inheritdoc cref="HostedEngine.SignalAsync"/>
    public void Signal(string signal) => _engine.SignalAsync(signal).GetAwaiter().GetResult();

    public void Dispose() => _engine.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static void Ip(string arguments)
    {
        using var ip = Process.Start("ip", arguments);
        ip.WaitForExit();
        Assert.Equal(0, ip.ExitCode);
    }
}
