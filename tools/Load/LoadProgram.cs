using Portunus.Load.Control;
using Portunus.Load.Link;

namespace Portunus.Load;

/// <summary>Outside: makes a network namespace and runs itself in it. Inside: measures.</summary>
internal static class LoadProgram
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is [ControlRun.Verb, .. var left])
        {
            using var end = new StopSignal();
            return await ControlRun.RunAsync(left, end.Token);
        }

        if (arguments is [LinkRun.Verb, .. var sizes])
        {
            using var end = new StopSignal();
            return await LinkRun.RunAsync(sizes, end.Token);
        }

        if (LoadOptions.Read(arguments, out var problem) is not { } options)
        {
            await Console.Error.WriteLineAsync($"{problem}\n{LoadOptions.Usage}");
            return 2;
        }

        using var stop = new StopSignal();
        try
        {
            return options.Inside is { } folder
                ? await LoadRun.RunAsync(options, folder, stop.Token)
                : await NamespaceGuard.RunAsync(options, arguments, stop.Token);
        }
        catch (Exception fault) when (stop.Token.IsCancellationRequested && fault is (OperationCanceledException or InvalidOperationException or TimeoutException))
        {
            // A terminal's Ctrl-C reaches the load programs too, and their end may be noticed first.
            await Console.Error.WriteLineAsync("stopped");
            return 130;
        }
        catch (Exception fault) when (fault is InvalidOperationException or TimeoutException or IOException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 2;
        }
    }
}
