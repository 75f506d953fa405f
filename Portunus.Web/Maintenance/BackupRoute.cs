using System.Net.Sockets;
using System.Text.Json;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Maintenance;

/// <summary>
/// A backup of the running server, over the control socket: the server streams the archive, the command seals and writes it. So the
/// file is made where and as whom the command runs, and the passphrase never leaves it.
/// </summary>
internal static class BackupRoute
{
    private const string Path = "/control/backup";

    public static void MapBackup(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, SendAsync).AllowAnonymous().WithMetadata(new ServedOn(ListenerKind.Control)).ExcludeFromDescription();

    /// <summary>Has the server on a data directory make one; false where none runs, also when a killed one left its socket behind.</summary>
    public static async Task<bool> TryReadAsync(string folder, Func<Stream, Task> use, CancellationToken cancel)
    {
        var socket = DataDirectory.ControlSocketOf(folder);
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, stop) => await ConnectAsync(socket, stop) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://control{Path}");
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException refused) when (refused.InnerException is SocketException)
        {
            return false;
        }

        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                throw new MaintenanceRefusal($"The running server makes no backup: {await DetailAsync(response, cancel)}");
            }

            await using var archive = await response.Content.ReadAsStreamAsync(cancel);
            await use(archive);
            return true;
        }
    }

    private static async Task<IResult> SendAsync(HttpContext http, BackupArchive archive, AuditTrail trail)
    {
        // Told before it is made: a backup that tells of itself is what a restored store should begin with.
        var told = await trail.ChangeAsync<Nothing>(Actor.Local, "store.backup", new AuditSubject("store"), change =>
        {
            change.Tell("store.backup", new AuditSubject("store"));
            return Task.FromResult<Outcome<Nothing>>(default(Nothing));
        }, http.RequestAborted);
        if (!told.IsDone)
        {
            return ApiProblems.Of(told.Problems);
        }

        try
        {
            http.Response.ContentType = "application/octet-stream";
            await archive.WriteAsync(http.Response.Body, http.RequestAborted);
            return Results.Empty;
        }
        catch (MaintenanceRefusal refusal) when (!http.Response.HasStarted)
        {
            return ApiProblems.Of(new Problem("backup_failed", "", refusal.Message, ProblemKind.Unavailable));
        }
    }

    private static async Task<NetworkStream> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            using var told = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancel));
            return told.RootElement.GetProperty("detail").GetString() ?? "";
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"it answers {(int)response.StatusCode}.";
        }
    }
}
