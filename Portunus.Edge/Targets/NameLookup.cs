using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Targets;

/// <summary>One lookup of a host as the system would do it: localhost, the hosts file, then the servers with the search domains.</summary>
internal sealed class NameLookup
{
    /// <summary>How long addresses of one family wait for those of the other.</summary>
    public static readonly TimeSpan FamilyPatience = TimeSpan.FromMilliseconds(200);

    private readonly ResolverFiles _files;
    private readonly NameQuery _query;
    private readonly TimeProvider _time;

    public NameLookup(ResolverFiles files, TimeProvider time)
    {
        _files = files;
        _query = new NameQuery(time);
        _time = time;
    }

    /// <summary>
    /// Looks up a name in lower case. Where one family is there and the other is slow, <paramref name="early"/> is told what
    /// there is so far: there are servers that never answer for AAAA.
    /// </summary>
    public async Task<FoundName> FindAsync(string host, Action<FoundName> early, CancellationToken deadline)
    {
        // RFC 6761 6.3: whatever servers or files say.
        if (host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal))
        {
            return FromList([IPAddress.Loopback, IPAddress.IPv6Loopback]);
        }

        if (_files.Hosts.Find(host) is { } listed)
        {
            return FromList(listed);
        }

        var conf = _files.Conf;
        FoundName? last = null;
        foreach (var name in Candidates(host, conf))
        {
            var found = await AskAsync(name, conf, early, deadline);
            if (found.HasAddresses || found.V4.Verdict == NameVerdict.Silent || found.V6.Verdict == NameVerdict.Silent)
            {
                // After silence the next candidate would be as silent, and may be another host than the one meant.
                return found;
            }

            last = last is { IsIncomplete: true } ? last : found;
        }

        return last ?? FoundName.Without(NameVerdict.NoSuchName, $"\"{host}\" cannot be asked for");
    }

    /// <summary>resolv.conf(5): short names are tried in the search domains first, others as they are first.</summary>
    private static IEnumerable<string> Candidates(string host, ResolvConf conf)
    {
        var searched = conf.Search.Select(domain => $"{host}.{domain}").Where(name => name.Length <= HostName.MaxLength);
        return host.Count(one => one == '.') >= conf.Ndots ? searched.Prepend(host) : searched.Append(host);
    }

    private static FoundName FromList(IPAddress[] addresses) => new(
        OfFamily(addresses, AddressFamily.InterNetwork), OfFamily(addresses, AddressFamily.InterNetworkV6));

    private static NameReply OfFamily(IPAddress[] addresses, AddressFamily family)
    {
        var own = addresses.Where(address => address.AddressFamily == family).ToArray();
        return own.Length > 0
            ? new NameReply(NameVerdict.Found, own, TimeSpan.Zero, "")
            : NameReply.Without(NameVerdict.NoAddress, "the hosts file has no address of this family");
    }

    private async Task<FoundName> AskAsync(string name, ResolvConf conf, Action<FoundName> early, CancellationToken deadline)
    {
        var v4 = _query.AskAsync(name, DnsRecordType.A, conf, deadline);
        var v6 = _query.AskAsync(name, DnsRecordType.Aaaa, conf, deadline);
        var first = await Task.WhenAny(v4, v6);
        if ((await first).Verdict == NameVerdict.Found)
        {
            var other = first == v4 ? v6 : v4;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
            if (await Task.WhenAny(other, Task.Delay(FamilyPatience, _time, patience.Token)) != other)
            {
                var pending = NameReply.Without(NameVerdict.Silent, "the other family is being asked for");
                early(first == v4 ? new FoundName(await v4, pending) : new FoundName(pending, await v6));
            }

            await patience.CancelAsync();
        }

        return new FoundName(await v4, await v6);
    }
}
