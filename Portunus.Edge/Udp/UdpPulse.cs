using Portunus.Edge.Loop;
using Portunus.Edge.Native;

namespace Portunus.Edge.Udp;

/// <summary>
/// What a network card calls interrupt moderation: while a listening socket gets so many datagrams that each few of them would
/// wake the loop, it is looked at by the clock instead, and what has come by then is one batch. Waking costs as much as several datagrams.
/// </summary>
internal sealed class UdpPulse : Pollable
{
    // At 40,000 datagrams a second a look finds ten; below half of that waking is cheap again.
    private const long BusyPerSecond = 40_000;
    private const long QuietPerSecond = 20_000;
    private const long PeriodNanoseconds = 250_000;

    private static readonly long s_windowTicks = 10 * TimeSpan.TicksPerMillisecond;

    private readonly EventLoop _loop;
    private readonly UdpReceiver _receiver;
    private int _timer = -1;
    private long _windowStart;
    private long _windowCount;

    public UdpPulse(EventLoop loop, UdpReceiver receiver)
    {
        _loop = loop;
        _receiver = receiver;
    }

    /// <summary>Whether the clock is in charge.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Datagrams were taken from the socket, or it was looked at for none.</summary>
    public void Count(int datagrams, long now)
    {
        _windowCount += datagrams;
        var elapsed = now - _windowStart;
        if (elapsed < s_windowTicks)
        {
            return;
        }

        var perSecond = _windowCount * TimeSpan.TicksPerSecond / elapsed;
        _windowStart = now;
        _windowCount = 0;
        if (!IsOn && perSecond >= BusyPerSecond)
        {
            Start();
        }
        else if (IsOn && perSecond < QuietPerSecond)
        {
            Stop();
        }
    }

    /// <summary>Lets the socket wake the loop again.</summary>
    public void Stop()
    {
        if (IsOn)
        {
            IsOn = false;
            _loop.Change(_receiver.Fd, _receiver, EpollCalls.In);
        }
    }

    public override void Ready(uint events, long now)
    {
        if (!IsOn)
        {
            return;
        }

        var hasMore = _receiver.Take(now);
        if (IsOn && !TimerCalls.Set(_timer, hasMore ? 1 : PeriodNanoseconds).IsOk)
        {
            Stop();
        }
    }

    public override void Fault(Exception error)
    {
        Stop();
        _receiver.Fault(error);
    }

    /// <summary>Gives the timer back; nothing is watched afterwards.</summary>
    public void Close()
    {
        if (_timer >= 0)
        {
            _loop.Forget(this);
            PipeCalls.Close(_timer);
            _timer = -1;
        }
    }

    private void Start()
    {
        if (_timer < 0)
        {
            var opened = TimerCalls.Open();
            if (!opened.IsOk)
            {
                // Out of descriptors: it goes on as it did.
                return;
            }

            // Edge-triggered: each expiry is reported once and need not be read.
            if (!_loop.Register(opened.Value, this, EpollCalls.In | EpollCalls.EdgeTriggered).IsOk)
            {
                PipeCalls.Close(opened.Value);
                return;
            }

            _timer = opened.Value;
        }

        IsOn = TimerCalls.Set(_timer, PeriodNanoseconds).IsOk && _loop.Change(_receiver.Fd, _receiver, 0).IsOk;
    }
}
