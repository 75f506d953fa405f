using Microsoft.Extensions.Logging;
using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>
/// The credentials of a running edge. Whoever enrols the machine again while it runs puts others into the file; they are taken with the
/// next connection. Pins that the control plane announced are kept in memory also where the file cannot be written.
/// </summary>
internal sealed class CredentialsInUse(CredentialsFile file, EdgeCredentials first, ILogger log)
{
    private readonly Lock _gate = new();
    private EdgeCredentials _current = first;

    /// <summary>What to connect with now.</summary>
    public EdgeCredentials Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>
    /// Looks into the file; true when it holds other credentials of this edge than those in use, which then take their place. Those of
    /// another edge wait for the next start, since plan and counters here belong to this one.
    /// </summary>
    public bool Reread()
    {
        if (file.TryRead(out _) is not { } read)
        {
            // A file that is gone or damaged takes nothing away from a running edge.
            return false;
        }

        lock (_gate)
        {
            if (read.Edge != _current.Edge)
            {
                return false;
            }

            if (read.Credential == _current.Credential && read.Host == _current.Host && read.Port == _current.Port)
            {
                return false;
            }

            _current = read;
        }

        log.CredentialsTaken(read.Name, read.Edge, file.Path);
        return true;
    }

    /// <summary>The control plane says which keys it may show from now on; true once they are in the file. Any thread.</summary>
    public bool UsePins(IReadOnlyList<string> pins)
    {
        EdgeCredentials changed;
        lock (_gate)
        {
            if (pins.SequenceEqual(_current.Pins, StringComparer.Ordinal))
            {
                return true;
            }

            changed = _current with { Pins = [.. pins] };
            if (changed.ReadPins().Count == 0)
            {
                log.PinsRefused();
                return false;
            }

            _current = changed;
        }

        try
        {
            file.Replace(changed);
            log.PinsTaken(string.Join(", ", changed.Pins));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.PinsNotKept(file.Path, error.Message);
            return false;
        }
    }
}
