using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Streams;

/// <summary>
/// One flow with both its ends here: the connecting side begins with a header that names the stream, then both sides write
/// and check. When both have finished, what was sent is what arrived, or it is a finding.
/// </summary>
internal sealed class CheckedStream : IDisposable
{
    public const int HeaderBytes = 16;
    private const ulong Magic = 0x534B_414F_5355_5450;

    private readonly CancellationTokenSource _finish;
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Findings _findings;
    private int _isTaken;

    /// <param name="seed">Names it, and decides its bytes; unique within a run.</param>
    /// <param name="rule">Name of the rule it goes through.</param>
    /// <param name="targets">Names of the targets that may receive it.</param>
    /// <param name="shape">What it does.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="finish">Tells long streams to finish.</param>
    public CheckedStream(ulong seed, string rule, IReadOnlyCollection<string> targets, StreamShape shape, Findings findings, CancellationToken finish)
    {
        (Seed, Rule, Targets, Shape, _findings) = (seed, rule, targets, shape, findings);
        _finish = CancellationTokenSource.CreateLinkedTokenSource(finish);
        Name = $"{shape.Kind} stream {seed:x16} of {rule}";
        In = new StreamWay(Pattern.Mix(seed), $"{Name}, in", findings);
        Out = new StreamWay(Pattern.Mix(~seed), $"{Name}, out", findings);
    }

    public ulong Seed { get; }

    public string Rule { get; }

    public IReadOnlyCollection<string> Targets { get; }

    public StreamShape Shape { get; }

    public string Name { get; }

    public StreamWay In { get; }

    public StreamWay Out { get; }

    /// <summary>The connection was made, whatever became of it.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Tells this stream alone to finish.</summary>
    public void Finish() => _finish.Cancel();

    /// <summary>The connecting side, from connect to the end of both ways.</summary>
    public async Task RunAsync(IPEndPoint edge, CancellationToken cut)
    {
        using var socket = new Socket(edge.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            FitBuffers(socket);
            await ConnectAsync(socket, edge);
            await WriteHeaderAsync(socket);
            var isReset = Shape.ResetsAfter > 0;
            var reading = Out.ReadAsync(socket, cut);
            // Where the target's FIN comes first, both orders of closing are seen.
            var writing = WriteWayAsync(socket, In, isReset ? Shape.ResetsAfter : Shape.BytesIn, Shape.IsAnsweredFirst ? reading : Task.CompletedTask);
            if (isReset)
            {
                await Task.WhenAny(writing, reading);
                socket.LingerState = new LingerOption(true, 0);
                return;
            }

            await BothAsync(socket, writing, reading);
            await _served.Task.WaitAsync(cut);
            Compare();
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Broke("connecting side", error, cut);
        }
    }

    /// <summary>The target's side; the header has been read.</summary>
    public async Task ServeAsync(Socket socket, string target, Task mayRead, CancellationToken cut)
    {
        try
        {
            if (Interlocked.Exchange(ref _isTaken, 1) != 0)
            {
                _findings.Add($"{Name}: its header arrived twice");
                return;
            }

            if (!Targets.Contains(target))
            {
                _findings.Add($"{Name} arrived at {target} instead of {string.Join(" or ", Targets)}");
                return;
            }

            FitBuffers(socket);
            await mayRead.WaitAsync(cut);
            await BothAsync(socket, WriteWayAsync(socket, Out, Shape.BytesOut, Task.CompletedTask), In.ReadAsync(socket, cut));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Broke("target", error, cut);
        }
        finally
        {
            _served.TrySetResult();
        }
    }

    /// <summary>Reads the header that a connecting side sent; null when the connection ended before.</summary>
    public static async Task<ulong?> ReadHeaderAsync(Socket socket, string target, Findings findings, CancellationToken cut)
    {
        var header = new byte[HeaderBytes];
        for (var have = 0; have < header.Length;)
        {
            var read = await socket.ReceiveAsync(header.AsMemory(have), SocketFlags.None, cut);
            if (read == 0)
            {
                return null;
            }

            have += read;
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
        {
            findings.Add($"{target} received a flow that does not begin as any was begun");
            return null;
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8));
    }

    public void Dispose() => _finish.Dispose();

    /// <summary>Not to be given up halfway: whether the edge took the connection has to be known.</summary>
    private async Task ConnectAsync(Socket socket, IPEndPoint edge)
    {
        try
        {
            await socket.ConnectAsync(edge, CancellationToken.None);
            IsConnected = true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Taken, and reset before this side looked.
            IsConnected = true;
            throw;
        }
    }

    private async Task WriteHeaderAsync(Socket socket)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), Seed);
        await socket.SendAsync(header.AsMemory(), SocketFlags.None);
    }

    private async Task WriteWayAsync(Socket socket, StreamWay way, long length, Task before)
    {
        if (Shape.IdleBytes > 0)
        {
            await way.WriteAsync(socket, Shape.IdleBytes, 0, CancellationToken.None);
            await Task.Delay(Timeout.InfiniteTimeSpan, _finish.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await way.WriteAsync(socket, Shape.IdleBytes, 0, CancellationToken.None);
        }
        else
        {
            await way.WriteAsync(socket, length, Shape.BytesPerSecond, _finish.Token);
        }

        await before;
        if (Shape.ResetsAfter == 0)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Both ways to their ends; the first to break takes the other with it.</summary>
    private static async Task BothAsync(Socket socket, Task writing, Task<bool> reading)
    {
        await Task.WhenAny(writing, reading);
        if (writing.IsFaulted || reading.IsFaulted || (reading.IsCompletedSuccessfully && !await reading))
        {
            socket.Close(0);
        }

        await Task.WhenAll(writing, reading);
    }

    private void FitBuffers(Socket socket)
    {
        if (Shape.HasSmallBuffers)
        {
            socket.SendBufferSize = 64 * 1024;
        }
    }

    private void Compare()
    {
        if (Shape.MayBreak && !(In.HasEnded && Out.HasEnded))
        {
            return;
        }

        _findings.Expect(In.HasEnded && In.Received == In.Sent, $"{Name}: {In.Sent} bytes went in, {In.Received} arrived{(In.HasEnded ? "" : " and no end")}");
        _findings.Expect(Out.HasEnded && Out.Received == Out.Sent, $"{Name}: {Out.Sent} bytes went out, {Out.Received} arrived{(Out.HasEnded ? "" : " and no end")}");
    }

    private void Broke(string side, Exception error, CancellationToken cut)
    {
        if (!Shape.MayBreak && !(cut.IsCancellationRequested && error is OperationCanceledException))
        {
            _findings.Add($"{Name}: its {side} broke after {In.Received} bytes in and {Out.Received} out: {error.Message}");
        }
    }
}
