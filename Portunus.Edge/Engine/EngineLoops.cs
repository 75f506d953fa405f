using Microsoft.Extensions.Logging;
using Portunus.Edge.Loop;
using Portunus.Edge.Rules;
using Portunus.Edge.Tcp;
using Portunus.Edge.Udp;

namespace Portunus.Edge.Engine;

/// <summary>The event loops of an engine, with what each protocol keeps on them.</summary>
internal sealed class EngineLoops : IDisposable
{
    /// <summary>Throws <see cref="InvalidOperationException"/> where the kernel gives no epoll.</summary>
    public EngineLoops(int count, ILoggerFactory loggers)
    {
        Events = [.. Enumerable.Range(0, count).Select(index => new EventLoop(index, loggers.CreateLogger<EventLoop>()))];
        Tcp = [.. Events.Select(loop => new TcpLoop(loop))];
        Udp = [.. Events.Select(loop => new UdpLoop(loop))];
    }

    public IReadOnlyList<EventLoop> Events { get; }

    public IReadOnlyList<TcpLoop> Tcp { get; }

    public IReadOnlyList<UdpLoop> Udp { get; }

    /// <summary>Open flows, and those on their way from one loop to another. Any thread.</summary>
    public int FlowCount => Events.Sum(loop => loop.FlowCount);

    public void Start()
    {
        foreach (var loop in Events)
        {
            loop.Start();
        }
    }

    /// <summary>Runs an action on every loop, for a rule as that loop knows it, and waits for all.</summary>
    public Task OnEachAsync(RuleState state, Action<LoopRule> action) =>
        Task.WhenAll(Events.Select(loop => loop.RunAsync(() => action(state.Loops[loop.Index]))));

    /// <summary>The same without waiting: mail keeps its order, and a loop logs what fails.</summary>
    public void Tell(RuleState state, Action<LoopRule> action) => _ = OnEachAsync(state, action);

    /// <summary>Waits until every loop has delivered the mail posted so far.</summary>
    public Task FlushAsync() => Task.WhenAll(Events.Select(loop => loop.RunAsync(() => { })));

    public void Dispose()
    {
        foreach (var loop in Events)
        {
            loop.Dispose();
        }

        foreach (var loop in Tcp)
        {
            loop.Dispose();
        }

        foreach (var loop in Udp)
        {
            loop.Dispose();
        }
    }
}
