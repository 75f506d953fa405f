using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Engine;
using Portunus.Edge.Logs;
using Portunus.Edge.Options;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Logs;

public sealed class LogLinesTests
{
    [Fact]
    public void Text_Event_IsOneLineWithTimeLevelAndName()
    {
        var line = Assert.Single(Lines(LogLevel.Information, LogFormat.Text, log => log.EngineStarted(2)));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  engine\.engine_started: The engine runs 2 loops$", line);
    }

    [Fact]
    public void Json_Event_HasItsValuesByName()
    {
        var id = RuleId.FromName("a");
        var line = Assert.Single(Lines(LogLevel.Information, LogFormat.Json, log => log.RuleRefused("a", id, BindRefusal.PortInUse, 80, "Taken.", 1.5)));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("warn", json.GetProperty("level").GetString());
        Assert.Equal("engine.rule_refused", json.GetProperty("event").GetString());
        Assert.Equal("port_in_use", json.GetProperty("refusal").GetString());
        Assert.Equal(80, json.GetProperty("port").GetInt32());
        Assert.Equal(1.5, json.GetProperty("delay_seconds").GetDouble());
        Assert.Equal(id.ToString(), json.GetProperty("rule").GetString());
        Assert.Contains("Taken.", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(json.TryGetProperty("{_original_format}", out _));
    }

    [Theory]
    [InlineData(LogFormat.Text)]
    [InlineData(LogFormat.Json)]
    internal void Event_WithLineEndsAndAnError_StaysOneLine(LogFormat format)
    {
        var lines = Lines(LogLevel.Information, format, log =>
        {
            log.RuleListens("two\nlines\u001b[31m", RuleId.FromName("a"), "*:80");
            log.UpkeepFailed(new InvalidOperationException("first\r\nsecond"));
        });
        Assert.Equal(2, lines.Count);
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl));
        Assert.Contains("InvalidOperationException", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Level_ChangedWhileRunning_TakesEffectAtOnce()
    {
        var stream = new MemoryStream();
        using (var lines = new LogLines(stream, TimeProvider.System, LogLevel.Warning, LogFormat.Text))
        {
            using var factory = lines.Factory();
            var log = factory.CreateLogger<ForwardingEngine>();
            log.EngineStarted(1);
            lines.Level = LogLevel.Information;
            log.EngineStarted(2);
            lines.Level = LogLevel.Error;
            log.EngineStarted(3);
        }

        Assert.Contains("runs 2 loops", Assert.Single(Read(stream)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_ToAReaderThatStopped_NeitherBlocksNorGrows()
    {
        using var stuck = new StuckStream();
        using var lines = new LogLines(stuck, TimeProvider.System, LogLevel.Information, LogFormat.Text);
        using var factory = lines.Factory();
        var log = factory.CreateLogger<ForwardingEngine>();
        await Eventually.Within(Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                log.EngineStarted(i);
            }
        }));

        stuck.Release();
        await Eventually.Holds(() => stuck.Text.Contains("lines_lost", StringComparison.Ordinal), "the loss is told once the reader is back");
    }

    private static List<string> Lines(LogLevel level, LogFormat format, Action<ILogger> write)
    {
        var stream = new MemoryStream();
        using (var factory = new LogLines(stream, TimeProvider.System, level, format).Factory())
        {
            write(factory.CreateLogger<ForwardingEngine>());
        }

        return Read(stream);
    }

    private static List<string> Read(MemoryStream stream) =>
        [.. Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Takes nothing until it is released.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly ManualResetEventSlim _released = new();
        private readonly Lock _gate = new();

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public void Release() => _released.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _released.Wait();
            lock (_gate)
            {
                base.Write(buffer);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _released.Set();
            base.Dispose(disposing);
        }
    }
}
