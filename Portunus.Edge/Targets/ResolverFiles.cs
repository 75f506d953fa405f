using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;

namespace Portunus.Edge.Targets;

/// <summary>
/// resolv.conf and hosts as they are now: each question looks whether they changed, because DHCP and people change them
/// under a running edge. A file that is not there counts as empty; one that cannot be read leaves what was known.
/// </summary>
internal sealed class ResolverFiles
{
    private readonly ResolverOptions _options;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private FileStamp? _confStamp;
    private FileStamp? _hostsStamp;
    private ResolvConf _conf;
    private HostsTable _hosts = HostsTable.Empty;

    public ResolverFiles(ResolverOptions options, ILogger log)
    {
        _options = options;
        _log = log;
        _conf = WithServers(new ResolvConf());
    }

    /// <summary>The settings for the next question.</summary>
    public ResolvConf Conf
    {
        get
        {
            lock (_gate)
            {
                if (TryReadChanged(_options.ResolvConfPath, ref _confStamp, out var text))
                {
                    _conf = WithServers(ResolvConf.Read(text));
                }

                return _conf;
            }
        }
    }

    public HostsTable Hosts
    {
        get
        {
            lock (_gate)
            {
                if (TryReadChanged(_options.HostsPath, ref _hostsStamp, out var text))
                {
                    _hosts = HostsTable.Read(text);
                }

                return _hosts;
            }
        }
    }

    private ResolvConf WithServers(ResolvConf conf) =>
        _options.NameServers.Count == 0 ? conf : conf with { NameServers = _options.NameServers };

    private bool TryReadChanged(string path, ref FileStamp? known, out string text)
    {
        text = "";
        // Looked at before it is read: a change in between shows as another stamp next time.
        var stamp = FileStamp.Of(path);
        if (stamp == known)
        {
            return false;
        }

        known = stamp;
        if (stamp is null)
        {
            return true;
        }

        try
        {
            text = File.ReadAllText(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.FileUnreadable(path, error.Message);
            return false;
        }
    }
}
