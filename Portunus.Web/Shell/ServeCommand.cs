using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Link;
using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>No verb: serve until a signal ends it.</summary>
internal static class ServeCommand
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static async Task<int> RunAsync(WebOptions options, TextWriter output, TextWriter errors)
    {
        using var directory = DataDirectory.Open(options.DataDir);
        var copy = DbStartup.Prepare(directory, TimeProvider.System);
        await using var app = WebServer.Build(options, directory, WebServer.Accounts(options), WebServer.Shell(options), TimeProvider.System, errors);
        if (copy is not null)
        {
            ShellLog.Upgraded(app.Logger, copy);
        }

        // Before anybody can be served: the token of an earlier start is worth nothing from the first request on.
        var token = await app.Services.GetRequiredService<SetupTokens>().RotateAsync(Actor.System, CancellationToken.None);
        try
        {
            await app.StartAsync();
        }
        catch (Exception refused) when (refused is IOException or SocketException or AddressInUseException)
        {
            ShellLog.CannotListen(app.Logger, refused.Message);
            await app.StopAsync();
            return ExitCode.Failed;
        }

        File.SetUnixFileMode(directory.ControlSocket, OwnerFile);
        var link = app.Services.GetRequiredService<LinkListener>();
        LinkLog.Listens(app.Logger, link.Address, link.Pins[0]);
        ShellLog.Serves(app.Logger, WebVersion.Text, AdminAddress(app), directory.Path);
        if (token.TryGet(out var secret))
        {
            // Printed and not logged: logs are kept and shipped, and this is the key to everything for half an hour.
            await output.WriteLineAsync($"Setup token, good for 30 minutes: {secret}");
            await output.FlushAsync();
        }

        // Whoever renews certificates sends it, also where this listener has none; by default it would end the program.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        await app.WaitForShutdownAsync();
        ShellLog.Stops(app.Logger);
        return ExitCode.Done;
    }

    /// <summary>Where the admin listener really is, port 0 resolved.</summary>
    public static string AdminAddress(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
            .FirstOrDefault(address => !address.Contains("unix:", StringComparison.Ordinal)) ?? "";
}
