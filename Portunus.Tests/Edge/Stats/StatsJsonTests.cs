using System.Text.Json;
using Portunus.Edge.Stats;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats;

public sealed class StatsJsonTests
{
    [Fact]
    public void Write_OneRule_HasTheDocumentedShape()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(0, SampleEdge.Rule("web", 1000, 0)));
        var sample = SampleEdge.Sample(2, SampleEdge.Rule("web", 5000, 600));
        history.Add(sample);
        using var document = JsonDocument.Parse(StatsJson.Write(sample, history, withHistory: true));

        Assert.Equal(Golden, Indented(document).Replace(Portunus.Edge.Options.EdgeVersion.Text, "0.0.0", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_HostileName_StaysOnOneLineWithoutControlCharacters()
    {
        var sample = SampleEdge.Sample(0, SampleEdge.Rule("a\u001b]0;x\u0007\n\u009b2J\u202e"));
        var line = StatsJson.Write(sample, new StatsHistory(TimeSpan.FromSeconds(1)), withHistory: false);
        Assert.All(line, one => Assert.InRange(one, (byte)0x20, (byte)0x7E));
    }

    [Fact]
    public void Write_RefusedRule_NamesPortAndReason()
    {
        var sample = SampleEdge.Sample(0, SampleEdge.Refused("web"));
        using var document = JsonDocument.Parse(StatsJson.Write(sample, new StatsHistory(TimeSpan.FromSeconds(1)), withHistory: false));
        var rule = document.RootElement.GetProperty("rules")[0];
        Assert.Equal("refused", rule.GetProperty("state").GetString());
        Assert.Equal("port_in_use", rule.GetProperty("refusal").GetString());
        Assert.Equal(8080, rule.GetProperty("refused_port").GetInt32());
    }

    [Fact]
    public void Write_UdpRule_HasDatagramsAndDropsEverywhere()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        var rule = SampleEdge.Datagrams("dns");
        history.Add(SampleEdge.Sample(0, rule with { Traffic = rule.Traffic with { DatagramsIn = 20, DatagramsOut = 0 } }));
        history.Add(SampleEdge.Sample(2, rule));
        using var document = JsonDocument.Parse(StatsJson.Write(SampleEdge.Sample(2, rule), history, withHistory: false));
        var written = document.RootElement.GetProperty("rules")[0];
        Assert.All(
            new[] { written, written.GetProperty("ports")[0], written.GetProperty("targets")[0] },
            place => Assert.Equal((100, 80), (place.GetProperty("datagrams_in").GetInt64(), place.GetProperty("datagrams_out").GetInt64())));
        Assert.Equal((40, 40), (written.GetProperty("datagrams_per_second_in").GetInt64(), written.GetProperty("datagrams_per_second_out").GetInt64()));
        Assert.Equal("""{"over_cap":5,"receive_buffer_full":6}""", written.GetProperty("drops_in").GetRawText());
        Assert.Equal("""{"bandwidth":7}""", written.GetProperty("drops_out").GetRawText());
    }

    private static string Indented(JsonDocument document)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            document.WriteTo(json);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    // Changing this text is changing a format that others read: see StatsJson.
    private const string Golden = """
        {
          "format": 1,
          "version": "0.0.0",
          "sequence": 3,
          "taken_at": "2026-03-01T12:00:02.000Z",
          "refresh_ms": 1000,
          "edge": {
            "started_at": "2026-03-01T12:00:00.000Z",
            "uptime_seconds": 2,
            "loops": 2,
            "flows_per_loop": [
              3,
              4
            ],
            "flows_active": 7,
            "open_descriptors": 120,
            "descriptor_limit": 20000,
            "resident_bytes": 31457280,
            "accept_errors": 5,
            "collections": 6
          },
          "rules": [
            {
              "id": "4b5e57f6-eb2f-82b9-839b-3d1e13929295",
              "name": "web",
              "protocol": "tcp",
              "listen": "*:8080",
              "state": "listening",
              "forwarding": "ok",
              "refusal": null,
              "refused_port": null,
              "text": "",
              "bytes_in": 5000,
              "bytes_out": 600,
              "flows_opened": 10,
              "flows_active": 2,
              "bytes_per_second_in": 2000,
              "bytes_per_second_out": 300,
              "flows_per_second": 0,
              "accepted": 12,
              "throttles_in": 1,
              "throttles_out": 2,
              "target_changes": 3,
              "name_failures": 4,
              "ends": {
                "completed": 7,
                "upstream_reset": 1,
                "no_target": 2
              },
              "ports": [
                {
                  "port": 8080,
                  "bytes_in": 5000,
                  "bytes_out": 600,
                  "flows_opened": 10,
                  "flows_active": 2
                }
              ],
              "targets": [
                {
                  "host": "10.0.0.1",
                  "port": 80,
                  "priority": 1,
                  "standing": "up",
                  "bytes_in": 5000,
                  "bytes_out": 600,
                  "flows_opened": 10,
                  "flows_active": 2,
                  "consecutive_failures": 0,
                  "connect_failures": 5,
                  "connect_ms": 1.25,
                  "last_failure": "2026-03-01T11:59:30.000Z",
                  "last_success": "2026-03-01T12:00:00.000Z"
                }
              ],
              "history": {
                "step_ms": 1000,
                "bytes_per_second_in": [
                  2000,
                  2000
                ],
                "bytes_per_second_out": [
                  300,
                  300
                ]
              }
            }
          ]
        }
        """;
}
