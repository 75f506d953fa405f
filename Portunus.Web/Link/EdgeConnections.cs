using Portunus.Shared.Ids;

namespace Portunus.Web.Link;

/// <summary>
/// One link for each edge. The same run of an edge that comes again takes over from its own older link, which it has lost; another
/// run, a second machine with a copied credential for one, is kept out until the older link has ended, and silence ends it
/// (<see cref="Shared.Link.LinkRoutes.Silence"/>).
/// </summary>
internal sealed class EdgeConnections
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EdgeId, EdgeConnection> _edges = [];
    private bool _isOver;

    /// <summary>Every link that is open, those without a hello too.</summary>
    public IReadOnlyList<EdgeConnection> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _edges.Values];
            }
        }
    }

    /// <summary>The link of an edge that things can be sent by; null without one.</summary>
    public EdgeConnection? Find(EdgeId edge)
    {
        lock (_gate)
        {
            return _edges.GetValueOrDefault(edge) is { IsGreeted: true, Closing: null } connection ? connection : null;
        }
    }

    /// <summary>Whether a link of this run would be let in now.</summary>
    public bool MayOpen(EdgeId edge, string instance)
    {
        lock (_gate)
        {
            return MayReplace(_edges.GetValueOrDefault(edge), instance);
        }
    }

    /// <summary>Lets a link in; false where another run of the edge was faster.</summary>
    /// <param name="connection">The new one.</param>
    /// <param name="replaced">The older one that it takes over from; still to be cut.</param>
    public bool TryOpen(EdgeConnection connection, out EdgeConnection? replaced)
    {
        lock (_gate)
        {
            replaced = _edges.GetValueOrDefault(connection.Caller.Edge);
            if (_isOver || !MayReplace(replaced, connection.Caller.Instance))
            {
                replaced = null;
                return false;
            }

            _edges[connection.Caller.Edge] = connection;
            return true;
        }
    }

    /// <summary>Lets no link in any more, and answers those that are open.</summary>
    public IReadOnlyList<EdgeConnection> End()
    {
        lock (_gate)
        {
            _isOver = true;
            return [.. _edges.Values];
        }
    }

    /// <summary>A link has ended; false where it was not the edge's any more.</summary>
    public bool Close(EdgeConnection connection)
    {
        lock (_gate)
        {
            return _edges.GetValueOrDefault(connection.Caller.Edge) == connection && _edges.Remove(connection.Caller.Edge);
        }
    }

    /// <summary>One that is being cut is in nobody's way: an edge that was enrolled again may come at once.</summary>
    private static bool MayReplace(EdgeConnection? older, string instance) => older is null or { Closing: not null } || older.Caller.Instance == instance;
}
