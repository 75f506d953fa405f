namespace Portunus.Soaks.Datagrams;

/// <summary>What one kind of traffic asked, and what it got. Many tasks add to it.</summary>
internal sealed class AnswerTally
{
    private long _asked;
    private long _answered;
    private long _wrong;

    /// <summary>Datagrams that expect another in return.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Answers to somebody else's question, or with other bytes than they were sent with.</summary>
    public long Wrong => Interlocked.Read(ref _wrong);

    public long Lost => Asked - Answered;

    public void Ask(long count = 1) => Interlocked.Add(ref _asked, count);

    public void Answer(long count = 1) => Interlocked.Add(ref _answered, count);

    public void Err() => Interlocked.Increment(ref _wrong);
}
