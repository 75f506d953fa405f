using Microsoft.AspNetCore.SignalR;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Web.Edges;
using Portunus.Web.Options;
using Portunus.Web.Plans;
using Portunus.Web.Traffic;

namespace Portunus.Web.Link;

/// <summary>The life of a link: opened, greeted, heard, ended; what it says is handed to the rooms that it is for.</summary>
internal sealed class EdgeLinks(
    EdgeConnections connections, EdgePresence presence, EdgeSightings sightings, LinkTrust trust, LinkCuts cuts, LinkMeter meter, ILinkEnd end,
    PlanPublisher plans, PlanOutcomes outcomes, TrafficIntake intake, LinkSender sender, TimeProvider clock, ILogger<EdgeLinks> log)
{
    private const int MaxWord = 128;
    private const int MaxFeatures = 64;
    private const int MaxBoots = 1000;

    /// <summary>Whoever was let in and says nothing holds a place for nothing.</summary>
    private static readonly TimeSpan s_helloWithin = LinkRoutes.Silence;

    public async Task OpenAsync(HubCallerContext context)
    {
        if (context.GetHttpContext()?.Features.Get<LinkCaller>() is not { } caller)
        {
            context.Abort();
            return;
        }

        var connection = new EdgeConnection(caller, context, new MessageBudget(clock));
        if (!connections.TryOpen(connection, out var replaced))
        {
            // Both were asked at the same time, and both were told to come.
            meter.Count("edge_already_connected");
            context.Abort();
            return;
        }

        connection.Attach();
        if (replaced is not null)
        {
            cuts.Begin(replaced, LinkClosing.Replaced);
        }

        // It may have been revoked between being let in and being known here.
        await trust.CheckAsync(connection);
        _ = ExpectHelloAsync(connection);
    }

    /// <summary>Null where no common version is spoken; the link is cut then.</summary>
    public async Task<EdgeWelcome?> HelloAsync(EdgeConnection connection, EdgeHello hello)
    {
        var caller = connection.Caller;
        if (hello.LinkVersion < LinkVersion.Oldest)
        {
            LinkLog.VersionNotSpoken(log, caller.Edge, hello.LinkVersion);
            cuts.Begin(connection, LinkClosing.VersionNotSpoken);
            return null;
        }

        connection.Version = Plain(hello.Version);
        var origin = new LinkOrigin(
            caller.Instance, caller.From, connection.Version, Plain(hello.Host), Plain(hello.Kernel), Plain(hello.Machine),
            [.. (hello.Features ?? []).Take(MaxFeatures).Select(Plain)]);
        presence.Opened(caller.Edge, origin);
        sightings.Note(caller.Edge, caller.From, connection.Version);
        LinkLog.Opened(log, caller.Edge, caller.Name, caller.From, connection.Version);
        var durable = intake.Durable(caller.Edge, [hello.Boot, .. (hello.OlderBoots ?? []).Take(MaxBoots)]);
        var held = hello.PlanEpoch is { } epoch ? new PlanRevision(epoch, hello.PlanNumber) : (PlanRevision?)null;
        plans.Connected(caller.Edge, held);
        if (intake.WatchedPorts(caller.Edge) is { Count: > 0 } watched)
        {
            await sender.WatchPortsAsync(connection, watched);
        }

        return new EdgeWelcome
        {
            LinkVersion = Math.Min(hello.LinkVersion, LinkVersion.Current),
            Version = WebVersion.Text,
            EdgeName = caller.Name,
            Durable = durable,
            Pins = [.. end.Pins.Select(pin => pin.Text)],
        };
    }

    public void Report(EdgeConnection connection, PlanReport report)
    {
        outcomes.Record(connection.Caller.Edge, report);
        if (report.IsLast)
        {
            if (report.Note is { Length: > 0 } note)
            {
                LinkLog.PlanNoted(log, connection.Caller.Edge, report.Revision, Plain(note));
            }

            presence.Applied(connection.Caller.Edge, report.Revision);
        }
    }

    public void Sample(EdgeConnection connection, SampleBatch batch)
    {
        intake.Take(connection.Caller.Edge, batch);
        if (!batch.IsFinal)
        {
            presence.Sampled(connection.Caller.Edge, batch.TakenAt, batch.Vitals);
        }
    }

    public void KeepPins(EdgeConnection connection, IReadOnlyList<string> pins) => connection.Keep([.. pins.Take(8).Select(Plain)]);

    public void Close(HubCallerContext context, Exception? exception)
    {
        if (EdgeConnection.Of(context) is not { } connection)
        {
            return;
        }

        var caller = connection.Caller;
        var reason = connection.Closing ?? Reason(exception);
        connections.Close(connection);
        if (exception is InvalidDataException && connection.Closing is null)
        {
            // More than a message may have, or nothing that can be read: the hub has closed it.
            meter.Count(LinkGuard.Garbage);
        }

        if (connection.IsGreeted)
        {
            sightings.Note(caller.Edge, caller.From, connection.Version);
            if (reason != LinkClosing.Replaced)
            {
                presence.Closed(caller.Edge, caller.Instance, reason);
            }
        }

        LinkLog.Closed(log, caller.Edge, caller.Name, reason);
    }

    private async Task ExpectHelloAsync(EdgeConnection connection)
    {
        try
        {
            await Task.Delay(s_helloWithin, clock, connection.Ended);
            if (!connection.IsGreeted)
            {
                cuts.Begin(connection, LinkGuard.NoHello);
            }
        }
        catch (OperationCanceledException)
        {
            // The link has ended.
        }
    }

    private static string Reason(Exception? exception) => exception switch
    {
        null => "closed",
        InvalidDataException => LinkGuard.Garbage,
        OperationCanceledException => "silent",
        _ => "lost",
    };

    /// <summary>What an edge says of itself, short and printable.</summary>
    private static string Plain(string? text) => new([.. (text ?? "").Where(one => !char.IsControl(one) && !char.IsSurrogate(one)).Take(MaxWord)]);
}
