using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;
using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>
/// Keeps the link: connects, stays, and comes back after whatever ended it, for ever. Only one answer ends that, the one that says
/// that this edge is revoked. Nothing that happens here touches what is forwarded, but for that answer.
/// </summary>
internal sealed class LinkWorker
{
    /// <summary>A link that stood for so long was a good one: the next loss of it is met without the patience of the last.</summary>
    private static readonly TimeSpan s_lasting = TimeSpan.FromSeconds(30);

    private readonly CredentialsInUse _credentials;
    private readonly PlanInbox _inbox;
    private readonly PlanReporter _reporter;
    private readonly SampleReporter _samples;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RetryDelay _delay = new(Random.Shared.NextDouble);
    private readonly string _instance = Guid.NewGuid().ToString("N");
    private string? _lastReason;

    public LinkWorker(CredentialsInUse credentials, PlanInbox inbox, PlanReporter reporter, SampleReporter samples, TimeProvider time, ILogger log)
    {
        _credentials = credentials;
        _inbox = inbox;
        _reporter = reporter;
        _samples = samples;
        _time = time;
        _log = log;
    }

    /// <summary>Called with a line on how the link stands, whenever that changes.</summary>
    public Action<string>? Stands { get; set; }

    /// <summary>Answers true when this edge was revoked, false when cancelled.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            if (_credentials.Reread())
            {
                _delay.Reset();
            }

            var credentials = _credentials.Current;
            var began = _time.GetTimestamp();
            var end = await StayAsync(credentials, cancel);
            if (cancel.IsCancellationRequested)
            {
                break;
            }

            if (end.IsRevoked)
            {
                return true;
            }

            if (end.HasStood && _time.GetElapsedTime(began) >= s_lasting)
            {
                _delay.Reset();
            }

            var wait = _delay.Next();
            Tell(LinkConnector.Place(credentials), end, wait);
            await Task.Delay(wait, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task<LinkEnd> StayAsync(EdgeCredentials credentials, CancellationToken cancel)
    {
        var connector = new LinkConnector(credentials, _instance);
        await using var connection = new LinkConnection(connector, LinkConnector.Place(credentials), _inbox, _samples, _credentials);
        try
        {
            var welcome = await connection.OpenAsync(Hello(), cancel);
            if (welcome.LinkVersion is < LinkVersion.Oldest or > LinkVersion.Current)
            {
                return new LinkEnd($"the control plane speaks version {welcome.LinkVersion} of the link, which this edge does not", IsRevoked: false, HasStood: false);
            }

            _lastReason = null;
            if (_credentials.UsePins(welcome.Pins))
            {
                await connection.TellPinsAsync(welcome.Pins);
            }

            _log.Linked($"{credentials.Host}:{credentials.Port}", welcome.EdgeName, welcome.Version);
            Stands?.Invoke($"Linked to {credentials.Host}:{credentials.Port} as {welcome.EdgeName}");
            return await connection.StayAsync(welcome, _reporter, cancel);
        }
        catch (LinkRefusal refusal)
        {
            return new LinkEnd(refusal.Message, refusal.IsRevoked, HasStood: false);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            // Whatever it was, the link is tried again; what it was is told.
            return connection.Closing is { } reason
                ? LinkEnd.Closed(reason, hasStood: false)
                : LinkEnd.Broken(error, hasStood: false);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            return new LinkEnd("the edge stops", IsRevoked: false, HasStood: false);
        }
    }

    private void Tell(Uri place, LinkEnd end, TimeSpan wait)
    {
        if (end.Reason == _lastReason)
        {
            _log.StillNotLinked(place.Authority, end.Reason, wait.TotalMilliseconds);
            return;
        }

        _lastReason = end.Reason;
        _log.NotLinked(place.Authority, end.Reason);
        Stands?.Invoke($"No link to {place.Authority} because {end.Reason}; forwarding by the last plan");
    }

    private EdgeHello Hello()
    {
        var plan = _inbox.InForce;
        return new EdgeHello
        {
            LinkVersion = LinkVersion.Current,
            Version = EdgeVersion.Text,
            Features = [],
            Boot = _samples.Boot,
            OlderBoots = _samples.OlderBoots,
            PlanEpoch = plan?.Epoch,
            PlanNumber = plan?.Number ?? 0,
            Host = Dns.GetHostName(),
            Kernel = $"Linux {Environment.OSVersion.Version}",
            Machine = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        };
    }
}
