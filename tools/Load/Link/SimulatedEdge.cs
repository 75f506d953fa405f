using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Load.Link;

/// <summary>
/// The link's far end without a data plane: says hello, takes plans, reports every rule as listening at once, and counts for each rule
/// what it likes. It speaks the hub protocol of SignalR (JSON, records ended by 0x1e) over a WebSocket, and comes back with the delays of a real edge.
/// </summary>
internal sealed class SimulatedEdge(Uri hub, string credential, HttpMessageInvoker http) : IDisposable
{
    private const byte RecordEnd = 0x1e;
    private const double FirstDelaySeconds = 0.5;
    private const double LongestDelaySeconds = 20;

    private readonly string _instance = Guid.NewGuid().ToString();
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private IReadOnlyList<PlanEntry> _rules = [];
    private long _sequence;
    private long _bytes;

    public Guid Boot { get; } = Guid.NewGuid();

    /// <summary>Whether it has had its welcome on the connection it has now.</summary>
    public bool IsLinked { get; private set; }

    /// <summary>The number of the last plan, and when it had come, in stopwatch ticks.</summary>
    public (long Number, long At) Plan { get; private set; }

    /// <summary>Connections that were opened, failed ones included.</summary>
    public int Attempts { get; private set; }

    /// <summary>Rules in the plan it has.</summary>
    public int Rules => _rules.Count(rule => rule.Rule is not null);

    public void Dispose() => _sending.Dispose();

    /// <summary>Stays connected until cancelled.</summary>
    /// <param name="sampling">Whether it sends a batch each second; asked each time.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(Func<bool> sampling, CancellationToken cancel)
    {
        var delay = FirstDelaySeconds;
        while (!cancel.IsCancellationRequested)
        {
            Attempts++;
            using var socket = new ClientWebSocket();
            using var connection = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            try
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {credential}");
                socket.Options.SetRequestHeader(LinkRoutes.InstanceHeader, _instance);
                await socket.ConnectAsync(hub, http, cancel);
                await SendAsync(socket, """{"protocol":"json","version":1}"""u8.ToArray(), cancel);
                await InvokeAsync(socket, "Hello", Hello(), LinkJson.Default.EdgeHello, "1", cancel);
                var beating = BeatAsync(socket, sampling, connection.Token);
                await ListenAsync(socket, () => delay = FirstDelaySeconds, cancel);
                await connection.CancelAsync();
                await beating;
            }
            catch (Exception lost) when (lost is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
            {
                await connection.CancelAsync();
            }

            IsLinked = false;
            if (!cancel.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(Random.Shared.NextDouble() * delay), cancel).ContinueWith(_ => { }, TaskScheduler.Default);
                delay = Math.Min(delay * 2, LongestDelaySeconds);
            }
        }
    }

    private EdgeHello Hello() => new()
    {
        LinkVersion = LinkVersion.Current,
        Version = "0.0-simulated",
        Features = [],
        Boot = Boot,
        OlderBoots = [],
        Host = "simulated",
    };

    private async Task ListenAsync(ClientWebSocket socket, Action welcomed, CancellationToken cancel)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var got = await socket.ReceiveAsync(bytes.GetMemory(4096), cancel);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            bytes.Advance(got.Count);
            var left = bytes.WrittenMemory;
            for (int end; (end = left.Span.IndexOf(RecordEnd)) >= 0; left = left[(end + 1)..])
            {
                await TakeAsync(socket, left[..end], welcomed, cancel);
            }

            var rest = left.ToArray();
            bytes.ResetWrittenCount();
            bytes.Write(rest);
        }
    }

    private async Task TakeAsync(ClientWebSocket socket, ReadOnlyMemory<byte> record, Action welcomed, CancellationToken cancel)
    {
        var at = Stopwatch.GetTimestamp();
        using var message = JsonDocument.Parse(record);
        if (!message.RootElement.TryGetProperty("type", out var type))
        {
            return;
        }

        switch (type.GetInt32())
        {
            case 1 when message.RootElement.GetProperty("target").ValueEquals("ApplyPlan"):
                var plan = message.RootElement.GetProperty("arguments")[0].Deserialize(LinkJson.Default.PlanMessage) ?? throw new IOException("a plan is null");
                Plan = (plan.Number, at);
                _rules = plan.Rules;
                var now = DateTimeOffset.UtcNow;
                await InvokeAsync(socket, "ReportPlan", new PlanReport(plan.Epoch, plan.Number, [.. plan.Rules.Select(rule => Report(rule, now))], true), LinkJson.Default.PlanReport, null, cancel);
                break;
            case 3 when message.RootElement.TryGetProperty("error", out var error):
                throw new IOException($"the hub refuses: {error}");
            case 3:
                IsLinked = true;
                welcomed();
                break;
            case 7:
                throw new IOException("the hub closes");
        }
    }

    private static ReportedRule Report(PlanEntry rule, DateTimeOffset now) =>
        new(rule.Id, rule.Revision, rule.Rule is null ? "stopped" : "listening", now);

    /// <summary>A ping every five seconds, a batch of samples every second where they are wanted.</summary>
    private async Task BeatAsync(ClientWebSocket socket, Func<bool> sampling, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Random.Shared.Next(1000), cancel);
            for (var beat = 0; ; beat++)
            {
                if (sampling() && IsLinked)
                {
                    await InvokeAsync(socket, "ReportSamples", Batch(), LinkJson.Default.SampleBatch, null, cancel);
                }
                else if (beat % 5 == 0)
                {
                    await SendAsync(socket, """{"type":6}"""u8.ToArray(), cancel);
                }

                await Task.Delay(1000, cancel);
            }
        }
        catch (Exception over) when (over is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The listening half tells of it.
        }
    }

    private SampleBatch Batch()
    {
        _bytes += RandomNumberGenerator.GetInt32(1_000_000);
        return new SampleBatch
        {
            Boot = Boot,
            Sequence = ++_sequence,
            TakenAt = DateTimeOffset.UtcNow,
            IsLast = true,
            Vitals = new EdgeVitals(_startedAt, 2, [5, 5], 10, 60, 65536, 50_000_000, 0, 3),
            Rules = [.. _rules.Where(rule => rule.Rule is not null).Select(rule => new RuleTotals
            {
                Rule = rule.Id,
                Owner = rule.Owner,
                Traffic = new TrafficCount(_bytes, _bytes * 3, _sequence, 1),
                Accepted = _sequence,
                Ends = new Dictionary<string, long> { ["completed"] = _sequence },
                Targets = [new TargetTotals("10.0.0.1", 80, "up", new TrafficCount(_bytes, _bytes * 3, _sequence, 1), 0, 0.4)],
            })],
        };
    }

    private async Task InvokeAsync<T>(ClientWebSocket socket, string method, T argument, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string? id, CancellationToken cancel)
    {
        var bytes = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber("type", 1);
            if (id is not null)
            {
                writer.WriteString("invocationId", id);
            }

            writer.WriteString("target", method);
            writer.WriteStartArray("arguments");
            JsonSerializer.Serialize(writer, argument, type);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await SendAsync(socket, bytes.WrittenMemory.ToArray(), cancel);
    }

    private async Task SendAsync(ClientWebSocket socket, byte[] record, CancellationToken cancel)
    {
        await _sending.WaitAsync(cancel);
        try
        {
            await socket.SendAsync((byte[])[.. record, RecordEnd], WebSocketMessageType.Text, true, cancel);
        }
        finally
        {
            _sending.Release();
        }
    }
}
