using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Portunus.Edge.Options;

namespace Portunus.Edge.Stats.View;

/// <summary>The verb <c>stats</c> without <c>--once</c>: finds the edge, takes the terminal, gives it back.</summary>
internal static class LiveCommand
{
    /// <summary>Answers the exit code; on trouble after a sentence on <paramref name="errors"/>.</summary>
    public static async Task<int> RunAsync(string path, TextWriter errors, TimeProvider time, CancellationToken stop)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            return await NoTerminalAsync(errors);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var signals = new SignalSet(end);
        StatsFeed? feed = null;
        try
        {
            feed = await StatsFeed.OpenAsync(path, end.Token);
            if (await feed.ReadAsync(end.Token) is not { } line)
            {
                await errors.WriteLineAsync($"The edge at {path} closed the connection without an answer.");
                return ExitCode.Failed;
            }

            var first = SnapshotReading.Read(line);
            using var screen = TerminalScreen.Open(Environment.GetEnvironmentVariable);
            if (screen is null)
            {
                return await NoTerminalAsync(errors);
            }

            var view = new LiveView(path, first, screen, time);
            var shown = feed;
            feed = null;
            await view.RunAsync(shown, end.Token);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (Exception error) when (error is SocketException or IOException or ArgumentException or JsonException)
        {
            await errors.WriteLineAsync(StatsOnce.Explain(path, error));
            return ExitCode.Failed;
        }
        finally
        {
            feed?.Dispose();
        }
    }

    private static async Task<int> NoTerminalAsync(TextWriter errors)
    {
        await errors.WriteLineAsync("The live view needs a terminal; --once prints one JSON document instead.");
        return ExitCode.Asked;
    }

    /// <summary>Signals that would end the process with the terminal in disorder.</summary>
    private sealed class SignalSet : IDisposable
    {
        private readonly PosixSignalRegistration[] _all;

        public SignalSet(CancellationTokenSource end) => _all =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
                .Select(signal => PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    end.Cancel();
                })),
        ];

        public void Dispose()
        {
            foreach (var one in _all)
            {
                one.Dispose();
            }
        }
    }
}
