namespace Portunus.Web.Link;

/// <summary>How many messages one link may send: what an edge has to say in earnest is far below. Used by one message at a time.</summary>
internal sealed class MessageBudget(TimeProvider clock)
{
    /// <summary>For long.</summary>
    public const int PerSecond = 50;

    /// <summary>After a quiet time, and at the beginning: a large plan is reported in many parts.</summary>
    public const int AtOnce = 500;

    private double _left = AtOnce;
    private long _at = clock.GetTimestamp();

    public bool TryTake()
    {
        var now = clock.GetTimestamp();
        _left = Math.Min(AtOnce, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * PerSecond));
        _at = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
