namespace Portunus.Web.Database;

/// <summary>
/// What is noted in passing is written together after a while: reading must not become writing, and many at once must be one write. What
/// could not be written is written the next time, and what is left at an orderly stop is written then.
/// </summary>
/// <param name="each">How long what is noted waits at most; a kill loses as much.</param>
/// <param name="clock">Whose time that is.</param>
internal abstract class NotedWrites(TimeSpan each, TimeProvider clock) : BackgroundService
{
    protected TimeProvider Clock { get; } = clock;

    /// <summary>Writes what has been noted since the last time; throws what the store throws, and then nothing noted is lost.</summary>
    public abstract Task WriteAsync(CancellationToken cancel);

    /// <summary>Tells of a write that failed.</summary>
    protected abstract void TellFailure(Exception broken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(each, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryWriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await TryWriteAsync(CancellationToken.None);
        }
    }

    private async Task TryWriteAsync(CancellationToken cancel)
    {
        try
        {
            await WriteAsync(cancel);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            TellFailure(broken);
        }
    }
}
