using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Engine;
using Portunus.Edge.Link;
using Portunus.Edge.Options;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.Plans;

namespace Portunus.Tests.Kit;

/// <summary>An edge in this process with everything that belongs to its link, and the plans it kept.</summary>
internal sealed class LinkedEdge : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TempFolder _folder = new();
    private readonly List<PlanMessage> _kept = [];
    private readonly Task _taking;

    public LinkedEdge(LinkServer server, params ServerKey[] keys)
    {
        File = new CredentialsFile(_folder.File("edge.json"));
        Credentials = new EdgeCredentials
        {
            Host = "127.0.0.1",
            Port = server.Port,
            Pins = [.. (keys.Length > 0 ? keys : [server.Key]).Select(key => key.Pin.Text)],
            Edge = EdgeId.New().ToString(),
            Name = "north",
            Credential = "s3cret",
        };
        File.Replace(Credentials);
        var boots = BootFiles.Open();
        Engine = new ForwardingEngine(new EngineOptions { Loops = 1 }, NullLoggerFactory.Instance, counted: boots.Counted);
        Engine.Start();
        Inbox = new PlanInbox(Engine, KeepAsync, Log);
        var reporter = new PlanReporter(Engine);
        reporter.Note = () => Inbox.Note;
        Inbox.Looked = reporter.Wake;
        Engine.OutcomesChanged = reporter.Wake;
        InUse = new CredentialsInUse(File, Credentials, Log);
        _taking = Inbox.RunAsync(_stop.Token);
        Running = new LinkWorker(InUse, Inbox, reporter, new SampleReporter(Engine, boots, TimeProvider.System), TimeProvider.System, Log).RunAsync(_stop.Token);
    }

    public EdgeCredentials Credentials { get; }

    public CredentialsFile File { get; }

    public CredentialsInUse InUse { get; }

    public ForwardingEngine Engine { get; }

    /// <summary>Where plans go that come by the link.</summary>
    public PlanInbox Inbox { get; }

    public LogLines<LinkWorker> Log { get; } = new();

    /// <summary>Answers true when the edge was revoked.</summary>
    public Task<bool> Running { get; }

    /// <summary>Plans that would be there after a restart, in the order they came.</summary>
    public IReadOnlyList<PlanMessage> Kept
    {
        get
        {
            lock (_kept)
            {
                return [.. _kept];
            }
        }
    }

    public static PlanMessage Plan(string epoch, long number, params PlanEntry[] rules) => new(epoch, number, rules, new Dictionary<AccountId, RawJson>());

    public static PlanEntry Rule(int port, int target, long revision = 1, RuleId? id = null) => new()
    {
        Id = id ?? RuleId.New(),
        Revision = revision,
        Rule = new RawJson($$"""{"name": "r{{port}}", "listen_address": "127.0.0.1", "listen_port": {{port}}, "target": "127.0.0.1:{{target}}"}"""),
        LocalTargets = true,
    };

    /// <summary>A plan counts as kept when this has ended.</summary>
    public Task Disk { get; set; } = Task.CompletedTask;

    /// <summary>How many lines of the log have this text.</summary>
    public int Says(string text) => Log.All.Count(line => line.Text.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Eventually.Within(Running);
        await Eventually.Within(_taking);
        await Engine.DisposeAsync();
        _folder.Dispose();
        _stop.Dispose();
    }

    private async Task<bool> KeepAsync(PlanMessage plan)
    {
        lock (_kept)
        {
            _kept.Add(plan);
        }

        await Disk;
        return true;
    }
}
