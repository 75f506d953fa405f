using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Portunus.Web.Live;

namespace Portunus.Web.Database;

/// <summary>
/// The one way to write. SQLite has one writer at a time; those of this process queue here, first come first served, instead of
/// spinning on its lock. What a change depends on is read inside its own transaction, which holds the write lock from the start
/// (BEGIN IMMEDIATE): of two requests for one port, exactly one finds it free.
/// </summary>
internal sealed class WriteLane(IDbContextFactory<PortunusDb> factory, LiveFeed feed) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Waits for its turn and begins. Disposing without <see cref="DbWrite.CommitAsync"/> leaves the store as it was.</summary>
    public async Task<DbWrite> BeginAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        PortunusDb? db = null;
        try
        {
            db = await factory.CreateDbContextAsync(cancel);
            return new DbWrite(db, await db.Database.BeginTransactionAsync(cancel), _turn, feed);
        }
        catch
        {
            if (db is not null)
            {
                await db.DisposeAsync();
            }

            _turn.Release();
            throw;
        }
    }

    public void Dispose() => _turn.Dispose();
}

/// <summary>A write transaction and the context in it.</summary>
internal sealed class DbWrite(PortunusDb db, IDbContextTransaction transaction, SemaphoreSlim turn, LiveFeed feed) : IAsyncDisposable
{
    private bool _isOver;

    public PortunusDb Db { get; } = db;

    /// <summary>Saves what the context holds and commits. A caller who went away does not stop a commit half-way: from here on it is done.</summary>
    public async Task CommitAsync()
    {
        await Db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        // Not before: whoever looks again must find the change.
        foreach (var topic in Db.Changed)
        {
            feed.Publish(topic);
        }

        Db.Changed.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        // Given back once, or two writers would be let in.
        _isOver = true;
        try
        {
            await transaction.DisposeAsync();
            await Db.DisposeAsync();
        }
        finally
        {
            turn.Release();
        }
    }
}
