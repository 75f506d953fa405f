namespace Portunus.Load.Datagrams;

/// <summary>What became of the datagrams of one run.</summary>
/// <param name="Size">Of each, in bytes.</param>
/// <param name="Offered">Bits per second that were asked for.</param>
/// <param name="Sent">Datagrams that really left.</param>
/// <param name="Seconds">While they did.</param>
/// <param name="Received">Different ones that arrived whole.</param>
/// <param name="Wrong">Doubled, misrouted, or not as they were sent.</param>
/// <param name="Reordered">Overtaken by a later one of their flow.</param>
/// <param name="DroppedBySink">Lost by the sink itself and not by what is measured.</param>
internal sealed record DatagramResult(int Size, double Offered, long Sent, double Seconds, long Received, long Wrong, long Reordered, long DroppedBySink)
{
    /// <summary>Of what really left, in percent.</summary>
    public double LossPercent => Sent == 0 ? 0 : (Sent - Received) * 100.0 / Sent;

    /// <summary>The rate that was really sent over the one asked for.</summary>
    public double SentShare => Seconds <= 0 ? 0 : Sent * Size * 8.0 / Seconds / Offered;
}
