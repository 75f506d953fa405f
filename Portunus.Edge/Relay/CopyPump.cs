using Portunus.Edge.Memory;
using Portunus.Edge.Native;

namespace Portunus.Edge.Relay;

/// <summary>
/// Moves bytes by recv and send through the loop's shared block: cheaper than a pipe for small payloads, and the way out
/// when no pipe can be had. One read and one write per call; level-triggered readiness calls again.
/// </summary>
internal static unsafe class CopyPump
{
    /// <summary>Reads up to <paramref name="budget"/> bytes and sends them on. Nothing may be waiting in the direction.</summary>
    public static PumpResult Move(RelayDirection direction, BufferPool buffers, int budget)
    {
        var scratch = buffers.Shared.Pointer;
        var received = SocketCalls.Receive(direction.Source, scratch, Math.Min(budget, BufferPool.BlockSize));
        if (!received.IsOk)
        {
            return received.IsAgain ? new PumpResult(PumpStatus.Drained) : new PumpResult(PumpStatus.SourceBroken, Error: received.Error);
        }

        if (received.Value == 0)
        {
            direction.SourceEnded = true;
            return new PumpResult(PumpStatus.Ended);
        }

        var sent = SocketCalls.Send(direction.Sink, scratch, received.Value);
        if (!sent.IsOk && !sent.IsAgain)
        {
            return new PumpResult(PumpStatus.SinkBroken, received.Value, Error: sent.Error);
        }

        var delivered = sent.IsOk ? sent.Value : 0;
        if (delivered == received.Value)
        {
            return new PumpResult(PumpStatus.Drained, delivered, delivered);
        }

        direction.KeepRest(buffers, scratch + delivered, received.Value - delivered);
        return new PumpResult(PumpStatus.Waiting, received.Value, delivered);
    }

    /// <summary>Sends what waits.</summary>
    public static PumpResult Flush(RelayDirection direction, Block rest, BufferPool buffers)
    {
        var sent = SocketCalls.Send(direction.Sink, rest.Pointer + direction.RestOffset, direction.RestEnd - direction.RestOffset);
        if (!sent.IsOk)
        {
            return sent.IsAgain ? new PumpResult(PumpStatus.Waiting) : new PumpResult(PumpStatus.SinkBroken, Error: sent.Error);
        }

        direction.TookRest(buffers, sent.Value);
        return new PumpResult(direction.Rest is null ? PumpStatus.Drained : PumpStatus.Waiting, 0, sent.Value);
    }
}
