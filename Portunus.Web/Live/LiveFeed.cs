namespace Portunus.Web.Live;

/// <summary>
/// Nudges: something changed, look again. They carry nothing, so losing one between two others loses nothing, and a lower room can
/// tell a higher one without knowing it. Subscribers are called in the publisher's thread and do no more than note it.
/// </summary>
internal sealed class LiveFeed(ILogger<LiveFeed> log)
{
    private readonly Lock _gate = new();
    private Subscription[] _subscriptions = [];

    /// <summary>Calls <paramref name="noted"/> for each topic of a kind, until what is answered is disposed.</summary>
    public IDisposable Subscribe(LiveKind kind, Action<LiveTopic> noted) => Add(new Subscription(this, kind, null, noted));

    /// <summary>Calls <paramref name="noted"/> for one topic, until what is answered is disposed.</summary>
    public IDisposable Subscribe(LiveTopic topic, Action<LiveTopic> noted) => Add(new Subscription(this, topic.Kind, topic.Id, noted));

    public void Publish(LiveTopic topic)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            if (subscription.Kind != topic.Kind || (subscription.Id is { } id && id != topic.Id))
            {
                continue;
            }

            try
            {
                subscription.Noted(topic);
            }
            catch (Exception broken)
            {
                // One listener's fault is neither the publisher's nor the other listeners'.
                LiveLog.ListenerFailed(log, broken, topic.Kind);
            }
        }
    }

    private Subscription Add(Subscription subscription)
    {
        lock (_gate)
        {
            Volatile.Write(ref _subscriptions, [.. _subscriptions, subscription]);
        }

        return subscription;
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            Volatile.Write(ref _subscriptions, [.. _subscriptions.Where(one => one != subscription)]);
        }
    }

    private sealed class Subscription(LiveFeed feed, LiveKind kind, Guid? id, Action<LiveTopic> noted) : IDisposable
    {
        public LiveKind Kind { get; } = kind;

        public Guid? Id { get; } = id;

        public Action<LiveTopic> Noted { get; } = noted;

        public void Dispose() => feed.Remove(this);
    }
}
