namespace Portunus.Edge.Loop;

/// <summary>Whoever gathers work over the events of one turn of a loop, to do it at once when they are dealt with.</summary>
internal interface ITurnEnd
{
    /// <summary>All events of the turn have been dealt with. On the loop's thread.</summary>
    void TurnEnds(long now);

    /// <summary>An error of ours escaped <see cref="TurnEnds"/>.</summary>
    void Fault(Exception error);
}
