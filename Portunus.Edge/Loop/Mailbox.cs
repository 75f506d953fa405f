using Portunus.Edge.Native;

namespace Portunus.Edge.Loop;

/// <summary>Whoever can be posted a letter.</summary>
internal interface ILetterbox
{
    /// <summary>Called on the loop's thread.</summary>
    void Receive(in Letter letter, long now);

    /// <summary>An error of ours escaped <see cref="Receive"/>.</summary>
    void Fault(Exception error);
}

/// <summary>A posted letter: a value, so that handing a connection to another loop allocates nothing.</summary>
/// <param name="To">Who receives it.</param>
/// <param name="Number">A descriptor, a generation, whatever sender and receiver agreed on.</param>
/// <param name="Address">A peer's address, or empty.</param>
internal readonly record struct Letter(ILetterbox To, long Number, SockAddr Address);

/// <summary>
/// Many posters, one loop. Posting wakes the loop only when it sleeps: the loop says so before it looks a last time, and
/// the poster looks after it has posted, so one of them always sees the other.
/// </summary>
internal sealed class Mailbox
{
    private readonly Lock _gate = new();
    private readonly int _eventFd;
    private List<Letter> _incoming = new(64);
    private List<Letter> _reading = new(64);
    private int _asleep;
    private int _waiting;
    private bool _closed;

    public Mailbox(int eventFd) => _eventFd = eventFd;

    /// <summary>Posts; false once the loop has stopped, and the sender keeps what the letter carried.</summary>
    public bool Post(in Letter letter)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _incoming.Add(letter);
            Volatile.Write(ref _waiting, _incoming.Count);
        }

        if (Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            PipeCalls.SignalEvent(_eventFd);
        }

        return true;
    }

    /// <summary>The loop is about to wait; true when it may, false when there is mail.</summary>
    public bool PrepareSleep()
    {
        // A full fence: the look at the mail must not come before the word that we sleep.
        Interlocked.Exchange(ref _asleep, 1);
        if (Volatile.Read(ref _waiting) == 0)
        {
            return true;
        }

        _asleep = 0;
        return false;
    }

    public void Awake() => Volatile.Write(ref _asleep, 0);

    /// <summary>Everything posted so far, valid until the next call.</summary>
    public List<Letter> Take()
    {
        _reading.Clear();
        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_gate)
            {
                (_incoming, _reading) = (_reading, _incoming);
                Volatile.Write(ref _waiting, 0);
            }
        }

        return _reading;
    }

    /// <summary>No more mail; answers what is left.</summary>
    public List<Letter> Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        return Take();
    }
}
