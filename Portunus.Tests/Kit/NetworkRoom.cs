using System.Collections.Concurrent;

namespace Portunus.Tests.Kit;

/// <summary>
/// A network namespace with a thread that stays in it and does what it is asked to there: sockets made and processes started so belong
/// to it for good. It is gone with the thread, the sockets and the processes. Root alone may do this.
/// </summary>
internal sealed class NetworkRoom : IDisposable
{
    private readonly BlockingCollection<Action> _asked = [];
    private readonly Task _living;

    public NetworkRoom()
    {
        _living = Task.Factory.StartNew(() => NetworkNamespace.Run(Live), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ThreadId = Do(() => NetworkNamespace.ThreadId);
    }

    /// <summary>By which ip(8) can name the namespace.</summary>
    public int ThreadId { get; }

    /// <summary>What an asynchronous act does up to its first wait is done there; the rest anywhere.</summary>
    public T Do<T>(Func<T> act)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Add(() =>
        {
            try
            {
                done.SetResult(act());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        Task.WaitAny(done.Task, _living);
        return done.Task.IsCompleted ? done.Task.GetAwaiter().GetResult() : throw new InvalidOperationException("the namespace is gone", _living.Exception);
    }

    public void Ip(params string[] arguments) => Do(() =>
    {
        LinkedNamespaces.Ip(arguments);
        return true;
    });

    public void Dispose()
    {
        _asked.CompleteAdding();
        Eventually.Within(_living).GetAwaiter().GetResult();
        _asked.Dispose();
    }

    private void Live()
    {
        foreach (var act in _asked.GetConsumingEnumerable())
        {
            act();
        }
    }
}
