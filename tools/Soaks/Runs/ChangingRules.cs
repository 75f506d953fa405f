using System.Net;
using System.Net.Sockets;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;

namespace Portunus.Soaks.Runs;

/// <summary>The rules that reloads hit: added, removed, moved, aimed elsewhere, limited, closed to us, disabled.</summary>
internal sealed class ChangingRules(SoakAddresses addresses, Random random)
{
    private const int Most = 12;
    private const int FirstPort = SoakAddresses.FirstPort + 100;
    private const int PortCount = 40;

    private readonly List<SoakRule> _rules = [];
    private readonly HashSet<IPEndPoint> _left = [];
    private int _names;

    public IReadOnlyList<SoakRule> Rules => _rules;

    /// <summary>Where their targets are.</summary>
    public IReadOnlyList<IPEndPoint> Places { get; } = [.. Enumerable.Range(0, 4).Select(i => new IPEndPoint(addresses[4], FirstPort + i))];

    /// <summary>One to four changes, as they come.</summary>
    public void Change()
    {
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            if (_rules.Count == 0 || (_rules.Count < Most && random.Next(4) == 0))
            {
                Add();
                continue;
            }

            var i = random.Next(_rules.Count);
            _left.Add(_rules[i].Place);
            if (random.Next(8) == 0)
            {
                _rules.RemoveAt(i);
            }
            else
            {
                _rules[i] = Changed(_rules[i]);
            }
        }
    }

    /// <summary>New flows see the file that is in force: the right target, the right refusals, and nobody where a rule was.</summary>
    public async Task ProbeAsync(StreamBook book, int number, CancellationToken cut)
    {
        foreach (var rule in _rules)
        {
            if (!rule.IsEnabled)
            {
                await ExpectNobodyAsync(rule.Place, $"after reload {number}, disabled {rule.Name}", book, cut);
            }
            else if (rule.Deny.Count > 0)
            {
                await ExpectRefusalAsync(rule, number, book, cut);
            }
            else
            {
                var stream = book.Open(rule.Name, [.. rule.Targets.Select(target => target.ToString())], new StreamShape { Kind = "probing", BytesIn = 3000, BytesOut = 3000 }, CancellationToken.None);
                await stream.RunAsync(rule.Place, cut);
                book.Close(stream);
            }
        }

        _left.ExceptWith(_rules.Select(rule => rule.Place));
        foreach (var place in _left)
        {
            await ExpectNobodyAsync(place, $"after reload {number}, which left it", book, cut);
        }

        _left.Clear();
    }

    private void Add() => _rules.Add(new SoakRule
    {
        Name = $"changing-{_names++}",
        Address = addresses[3],
        Port = FreePort(),
        Targets = [Places[random.Next(Places.Count)]],
    });

    private SoakRule Changed(SoakRule rule) => random.Next(7) switch
    {
        0 => rule with { Targets = [Places[random.Next(Places.Count)]] },
        1 => rule with { Targets = [.. Places.Skip(random.Next(3)).Take(2)], Balance = random.Next(2) == 0 ? "random" : "least_flows" },
        2 => rule with { Port = FreePort() },
        3 => rule with { Limits = Limits() },
        4 => rule with { Deny = rule.Deny.Count == 0 ? ["127.0.0.0/8"] : [] },
        5 => rule with { IsEnabled = !rule.IsEnabled },
        _ => rule with { Note = $"note {random.Next()}" },
    };

    private Dictionary<string, long> Limits() => random.Next(3) switch
    {
        0 => [],
        1 => new Dictionary<string, long> { ["bytes_per_second_in"] = random.Next(200_000, 20_000_000), ["bytes_per_second_out"] = random.Next(200_000, 20_000_000) },
        _ => new Dictionary<string, long> { ["concurrent_flows"] = random.Next(10, 1000) },
    };

    private int FreePort()
    {
        var free = Enumerable.Range(FirstPort, PortCount).Except(_rules.Select(rule => rule.Port)).ToArray();
        return free[random.Next(free.Length)];
    }

    private static async Task ExpectNobodyAsync(IPEndPoint place, string when, StreamBook book, CancellationToken cut)
    {
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(place, cut);
            book.Findings.Add($"{when}, {place} still listens");
        }
        catch (SocketException)
        {
            // Refused, as it should be.
        }
    }

    private static async Task ExpectRefusalAsync(SoakRule rule, int number, StreamBook book, CancellationToken cut)
    {
        using var socket = new Socket(rule.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(rule.Place, cut);
            var read = await socket.ReceiveAsync(new byte[1].AsMemory(), SocketFlags.None, cut);
            book.Findings.Add($"after reload {number} {rule.Name} denies everybody here, and yet {(read == 0 ? "closed without a reset" : "answered")}");
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Reset, as it should be.
        }
    }
}
