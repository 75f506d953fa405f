using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>How long an answer may wait for the edge.</summary>
internal static class WaitAsked
{
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>From the query <c>wait</c>; nothing said is no wait.</summary>
    /// <param name="wait">A number with <c>s</c>; bare is seconds. 0–30 s.</param>
    public static Outcome<TimeSpan> Read(string? wait)
    {
        if (wait is null)
        {
            return TimeSpan.Zero;
        }

        return FlowsAsked.TryReadTime(wait, out var time) && time <= Most
            ? time
            : new Problem("wait_malformed", "wait", "wait must be between 0s and 30s, for example 2s.");
    }
}
