using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Shell;

/// <summary>Whatever is sent to whichever operation: it is answered soon and never with a fault, and nothing is half done.</summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    private readonly List<(string Request, int Status)> _changes = [];

    private ApiWorld _world = null!;

    public async Task InitializeAsync() => _world = await ApiWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task RandomBytes_AreRefused()
    {
        var random = new Random(4711);
        foreach (var one in WithBody())
        {
            for (var i = 0; i < 20; i++)
            {
                var bytes = new byte[random.Next(0, 400)];
                random.NextBytes(bytes);
                var answer = await SendAsync(one, bytes);
                Assert.True(answer.Status is 400 or 429, $"{one.Id}: {answer.Status} {Convert.ToHexString(bytes)}");
            }
        }

        await ProveNothingIsHalfDoneAsync();
    }

    [Fact]
    public async Task SoundRequests_WithBytesChangedLostOrDoubled_AreAnswered()
    {
        var random = new Random(815);
        foreach (var one in WithBody())
        {
            for (var i = 0; i < 40; i++)
            {
                await SendAsync(one, Mutated(Encoding.UTF8.GetBytes(_world.Sound(one)!), random));
            }
        }

        Assert.Contains(_changes, change => change.Status is >= 200 and < 300);
        Assert.Contains(_changes, change => change.Status is 422);
        await ProveNothingIsHalfDoneAsync();
    }

    [Fact]
    public async Task BodiesMadeToHurt_AreRefused()
    {
        byte[][] bodies =
        [
            Encoding.UTF8.GetBytes(new string('[', 8000)),
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 2000))),
            Encoding.UTF8.GetBytes(new string('[', 5000) + new string(']', 5000)),
            [.. "{\"name\":\""u8, 0xff, 0xfe, 0xc0, 0xaf, .. "\"}"u8],
            [.. "{\"name\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8],
            [.. "{\"name\":\"a"u8, 0, .. "b\"}"u8],
            [0, 0, 0, 0],
            [0xef, 0xbb, 0xbf, .. "{"u8],
            [.. "{\0}"u8],
            Encoding.UTF8.GetBytes("{\"name\":\"a\",\"name\":\"b\",\"name\":null}"),
            Encoding.UTF8.GetBytes("{\"" + new string('n', 12000) + "\":1}"),
            Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"f{i}\":1")) + "}"),
            Encoding.UTF8.GetBytes("{\"name\":\"\\ud800\"}"),
            Encoding.UTF8.GetBytes("NaN"),
            Encoding.UTF8.GetBytes("{} {}"),
        ];
        foreach (var one in WithBody())
        {
            foreach (var body in bodies)
            {
                var answer = await SendAsync(one, body);
                Assert.True(answer.Status is 400 or 429, $"{one.Id}: {answer.Status} {Encoding.Latin1.GetString(body)[..Math.Min(60, body.Length)]}");
                Assert.True(answer.Text.Length < 64 * 1024, $"{one.Id}: an answer of {answer.Text.Length} characters");
            }
        }

        await ProveNothingIsHalfDoneAsync();
    }

    [Fact]
    public async Task ValuesMadeToHurt_AreAnswered()
    {
        string[] values =
        [
            "1e400", "-1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1.5", "-0", "1e2", "0.0000001",
            "\"\\u0000\"", "\"a\\u0000b\"", "\"\\u202e\\ufeff\"", "\"'; DROP TABLE rules; --\"", "\"%_\\\\\"", "\"../../etc/passwd\"", "\"<script>\"", "\"\\r\\nSet-Cookie: a=b\"",
            $"\"{new string('x', 14000)}\"", $"\"{string.Concat(Enumerable.Repeat("\\ud83d\\ude00", 500))}\"", "{}", "[]", "[[]]", "[null]", "[{}]", "{\"a\":{\"b\":[]}}", "true", "null", "\"\"", "\" \"",
            "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"9999-12-31T23:59:59-14:00\"", "\"2026-02-30T00:00:00Z\"",
        ];
        // Each field gets a third of them, the next field another third.
        var turn = 0;
        foreach (var one in WithBody())
        {
            foreach (var field in _world.Book.Schema(one.BodyType!).GetProperty("properties").EnumerateObject().Select(field => field.Name))
            {
                turn++;
                foreach (var value in values.Where((_, i) => i % 3 == turn % 3))
                {
                    var body = System.Text.Json.Nodes.JsonNode.Parse(_world.Sound(one)!)!.AsObject();
                    body.Remove(field);
                    var text = body.ToJsonString();
                    await SendAsync(one, Encoding.UTF8.GetBytes(text[..^1] + (body.Count > 0 ? "," : "") + $"\"{field}\":{value}}}"));
                }
            }
        }

        await ProveNothingIsHalfDoneAsync();
    }

    [Fact]
    public async Task QueriesAndPathsMadeToHurt_AreAnswered()
    {
        string[] values = ["", "%00", "%ff%fe", "-1", "99999999999999999999", "%27%3B--", "%25_%5C", new('x', 3000), "a&{0}=b", "%5B%5D", "0001-01-01T00:00:00-14:00", "%E2%80%AE"];
        foreach (var one in _world.Book.Operations)
        {
            foreach (var value in values)
            {
                foreach (var name in one.In("query"))
                {
                    var path = $"{_world.Own(one)}?{name}={value.Replace("{0}", name, StringComparison.Ordinal)}";
                    Soon(one, await _world.Root.SendAsync(one.Method, one.IsChange ? path.Replace(_world.Own(one), ApiWorld.Unknown(one), StringComparison.Ordinal) : path, _world.Sound(one), "*"));
                }

                if (one.In("path").Any() && value.Length > 0)
                {
                    var path = one.In("path").Aggregate(one.Path, (text, name) => text.Replace($"{{{name}}}", value, StringComparison.Ordinal));
                    Soon(one, await _world.Root.SendAsync(one.Method, path, _world.Sound(one), "*"));
                }
            }
        }

        await ProveNothingIsHalfDoneAsync();
    }

    private IEnumerable<ApiOperation> WithBody() => _world.Book.Operations.Where(one => one.BodyType is not null);

    private async Task<WebAnswer> SendAsync(ApiOperation one, byte[] body)
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var caller = one.IsOpen ? _world.Web.Nobody : one.Role == "signed_in" ? _world.Ann : _world.Root;
        var since = Stopwatch.GetTimestamp();
        var answer = await _world.CallAsync(caller, one, body: content);
        Assert.True(Stopwatch.GetElapsedTime(since) < s_soon, $"{one.Id} took its time over {Encoding.Latin1.GetString(body)}");
        Soon(one, answer, body);
        _changes.Add((answer.Header("X-Request-Id"), answer.Status));
        return answer;
    }

    private static void Soon(ApiOperation one, WebAnswer answer, byte[]? body = null) => Assert.True(
        answer.Status is >= 200 and < 500, $"{one.Id}: {answer.Status} {answer.Text} after {Encoding.Latin1.GetString(body ?? [])[..Math.Min(200, body?.Length ?? 0)]}");

    /// <summary>What was answered as done has its entry, what was refused has none of something done, and the store is whole and can be read.</summary>
    private async Task ProveNothingIsHalfDoneAsync()
    {
        await using var db = _world.Web.OpenDb();
        var done = (await db.AuditEntries.AsNoTracking().Where(entry => entry.Outcome == AuditOutcome.Done).Select(entry => entry.RequestId).ToListAsync()).ToHashSet();
        Assert.All(_changes, change => Assert.True(change.Status >= 400 || done.Contains(change.Request) || change.Status == 200, $"{change.Request} was answered {change.Status} and left no entry"));
        Assert.All(_changes.Where(change => change.Status >= 400), change => Assert.DoesNotContain(change.Request, done));
        Assert.Equal("ok", (await db.Database.SqlQueryRaw<string>("SELECT integrity_check AS Value FROM pragma_integrity_check").ToListAsync()).Single());
        Assert.Empty(await db.Database.SqlQueryRaw<string>("SELECT \"table\" AS Value FROM pragma_foreign_key_check").ToListAsync());
        foreach (var list in _world.Book.Operations.Where(one => one.Method == "GET" && !one.In("path").Any() && !one.IsStream))
        {
            Assert.Equal(200, (await _world.Root.GetAsync(list.Path)).Status);
        }
    }

    private static byte[] Mutated(byte[] sound, Random random)
    {
        var bytes = sound.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, bytes[at]);
                    break;
                case 3:
                    bytes[at] = (byte)"0123456789\"{}[],:-\\"[random.Next(19)];
                    break;
                default:
                    var length = Math.Min(random.Next(1, 20), bytes.Count - at);
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }
}
