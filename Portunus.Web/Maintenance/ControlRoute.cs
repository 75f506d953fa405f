using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>A command handed to the running server.</summary>
/// <param name="Words">The command line, without the data directory.</param>
/// <param name="Input">The first line of standard input, where it was asked for.</param>
internal sealed record ControlAsked(IReadOnlyList<string>? Words, string? Input);

/// <summary>What came of it.</summary>
/// <param name="ExitCode">For the command line to end with.</param>
/// <param name="Output">For standard output.</param>
/// <param name="Errors">For standard error.</param>
internal sealed record ControlAnswer(int ExitCode, string Output, string Errors);

/// <summary>
/// The socket in the data directory, by which a command line has the running server do what only the holder of the store may do.
/// Whoever can open it owns the directory; the socket answers nothing else, and no other listener answers this.
/// </summary>
internal static class ControlRoute
{
    private const string Path = "/control/run";

    public static void MapControl(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, RunAsync).AllowAnonymous().WithMetadata(new ServedOn(ListenerKind.Control)).ExcludeFromDescription();

    /// <summary>Asks the server that runs on a data directory; null when none does.</summary>
    public static async Task<ControlAnswer?> AskAsync(string folder, ControlAsked asked, CancellationToken cancel)
    {
        var socket = DataDirectory.ControlSocketOf(folder);
        if (!File.Exists(socket))
        {
            return null;
        }

        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        })
        {
            // A backup of a large store takes its time.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var body = new StringContent(JsonSerializer.Serialize(asked, ApiJson.Options), Encoding.UTF8, JsonBody.ContentType);
        try
        {
            using var answer = await http.PostAsync(new Uri($"http://control{Path}"), body, cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            return answer.StatusCode == HttpStatusCode.OK
                ? JsonSerializer.Deserialize<ControlAnswer>(text, ApiJson.Options)
                : new ControlAnswer(ExitCode.Failed, "", $"The running server does not do this: {text}\n");
        }
        catch (HttpRequestException refused) when (refused.InnerException is SocketException)
        {
            // Left over from a process that was killed; the lock will tell.
            return null;
        }
    }

    private static async Task<IResult> RunAsync(HttpContext http, JsonBody<ControlAsked> body)
    {
        if (!body.Read.TryGet(out var asked))
        {
            return ApiProblems.Of(body.Read.Problems);
        }

        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = ExitCode.Asked;
        if (CommandLine.Read(asked.Words ?? [], [VerbSpec.Serve, .. LocalVerbs.All.Select(verb => verb.Spec)], out var problems) is { } line
            && LocalVerbs.All.FirstOrDefault(one => one.Spec == line.Verb) is { } known)
        {
            code = await known.RunAsync(new VerbRun(http.RequestServices, line, asked.Input, output, errors, http.RequestAborted));
        }
        else
        {
            await errors.WriteLineAsync(string.Join('\n', problems.DefaultIfEmpty("The running server does not know this command.")));
        }

        return Results.Json(new ControlAnswer(code, output.ToString(), errors.ToString()), ApiJson.Options);
    }
}
