using System.Net.Sockets;
using System.Text.Json;
using Portunus.Edge.Options;

namespace Portunus.Edge.Stats;

/// <summary>One document for programs: what <c>stats --once</c> prints.</summary>
internal static class StatsOnce
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Prints the first line of the socket, indented, and answers the exit code, on trouble after a sentence on <paramref name="errors"/>.</summary>
    public static async Task<int> RunAsync(string path, TextWriter output, TextWriter errors, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            using var feed = await StatsFeed.OpenAsync(path, patience.Token);
            if (await feed.ReadAsync(patience.Token) is not { } line)
            {
                await errors.WriteLineAsync($"The edge at {path} closed the connection without an answer.");
                return ExitCode.Failed;
            }

            using var document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty("error", out _))
            {
                await errors.WriteLineAsync($"The edge at {path} turns this reader away: {document.RootElement.GetProperty("text").GetString()}.");
                return ExitCode.Failed;
            }

            await output.WriteLineAsync(Indent(document));
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            await errors.WriteLineAsync($"The edge at {path} did not answer within {s_patience.TotalSeconds} s.");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Failed;
        }
        catch (Exception error) when (error is SocketException or IOException or ArgumentException or JsonException)
        {
            await errors.WriteLineAsync(Explain(path, error));
            return ExitCode.Failed;
        }
    }

    /// <summary>One sentence about why a path gives no stats.</summary>
    public static string Explain(string path, Exception error) => error switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            $"{path} may only be opened by the user that the edge runs as.",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable } =>
            $"No edge serves stats at {path}. Is it running, and with stats on?",
        JsonException => $"What answers at {path} is not an edge.",
        ArgumentException => $"{path} cannot be the path of a socket: it is too long.",
        _ => $"{path} cannot be read: {error.Message.TrimEnd('.')}.",
    };

    private static string Indent(JsonDocument document)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            document.WriteTo(json);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
