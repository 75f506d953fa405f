using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Shell;

/// <summary>
/// Around every request: its id, the headers of every answer, and an answer for whatever nobody else answered. Faults are told by
/// their request id; what went wrong stands in the log and nowhere else.
/// </summary>
internal sealed class RequestShell(RequestDelegate next, ILogger<RequestShell> log, ShellOptions options)
{
    public const string RequestIdHeader = "X-Request-Id";

    private const int MaxRequestId = 64;

    private static readonly Problem s_fault = new("internal", "", "Something went wrong here; the log knows more by the request id.", ProblemKind.Fault);

    public async Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = NewId(http);
        SetHeaders(http);
        var since = Stopwatch.GetTimestamp();
        using var scope = log.BeginScope(new KeyValuePair<string, object>[] { new("request_id", http.TraceIdentifier) });
        try
        {
            await next(http);
            await AnswerRestAsync(http);
        }
        catch (Exception broken) when (!http.Response.HasStarted && ProblemOf(broken, http) is { } problem)
        {
            if (problem.Kind is ProblemKind.Fault or ProblemKind.Unavailable)
            {
                ShellLog.RequestFailed(log, broken, http.Request.Method, http.Request.Path.Value ?? "");
            }

            await ApiProblems.WriteAsync(http, problem);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone; there is nobody to answer, and what was committed stays.
        }

        Tell(http, Stopwatch.GetElapsedTime(since));
    }

    /// <summary>What a fault is to its caller; null for what only a bug of the answer itself could be.</summary>
    internal static Problem? ProblemOf(Exception broken, HttpContext http) => broken switch
    {
        OperationCanceledException when http.RequestAborted.IsCancellationRequested => null,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Problem("body_too_large", "", "The body is larger than is taken.", ProblemKind.TooLarge),
        BadHttpRequestException => new Problem("malformed_request", "", "The request cannot be read.", ProblemKind.Malformed),
        _ => StoreProblem(broken) ?? s_fault,
    };

    private static Problem? StoreProblem(Exception broken)
    {
        for (var one = broken; one is not null; one = one.InnerException)
        {
            if (one is SqliteException sqlite)
            {
                return sqlite.SqliteErrorCode switch
                {
                    SQLitePCL.raw.SQLITE_FULL => new Problem("store_full", "", "The disk of the store is full; nothing was changed.", ProblemKind.Unavailable),
                    SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => new Problem("store_busy", "", "The store is locked; nothing was changed.", ProblemKind.Unavailable) { RetryAfter = TimeSpan.FromSeconds(1) },
                    SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_CANTOPEN =>
                        new Problem("store_failed", "", "The store cannot be read or written; nothing was changed.", ProblemKind.Unavailable),
                    _ => null,
                };
            }
        }

        return null;
    }

    /// <summary>Statuses that the framework leaves without a body.</summary>
    private static Task AnswerRestAsync(HttpContext http)
    {
        if (http.Response.HasStarted || http.Response.ContentLength > 0 || http.Response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        var problem = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new Problem("route_not_found", "", "There is nothing at this path.", ProblemKind.NotFound),
            StatusCodes.Status405MethodNotAllowed => new Problem("method_not_allowed", "", $"{http.Request.Method} is not taken here.", ProblemKind.Method),
            StatusCodes.Status400BadRequest => new Problem("malformed_request", "", "The request cannot be read.", ProblemKind.Malformed),
            StatusCodes.Status415UnsupportedMediaType => new Problem("content_type", "", "The body must be sent as application/json.", ProblemKind.MediaType),
            _ => null,
        };
        if (problem?.Kind == ProblemKind.Method && http.Response.Headers.Allow.ToString() is var allowed && allowed.Contains("GET", StringComparison.Ordinal))
        {
            http.Response.Headers.Allow = allowed + ", HEAD";
        }

        return problem is null ? Task.CompletedTask : ApiProblems.WriteAsync(http, problem);
    }

    /// <summary>A caller's own id is taken over from proxies only: elsewhere it could pass itself off as somebody else's request.</summary>
    private string NewId(HttpContext http)
    {
        var given = http.Request.Headers[RequestIdHeader].ToString();
        return given.Length is > 0 and <= MaxRequestId && options.IsTrustedProxy(http.Connection.RemoteIpAddress)
            && given.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.')
            ? given
            : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
    }

    private void SetHeaders(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers[RequestIdHeader] = http.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (options.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }

    private void Tell(HttpContext http, TimeSpan took)
    {
        var (method, path, status, ms) = (http.Request.Method, http.Request.Path.Value ?? "", http.Response.StatusCode, (long)took.TotalMilliseconds);
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
        {
            ShellLog.Read(log, method, path, status, ms, http.Actor().Name);
        }
        else
        {
            ShellLog.Change(log, method, path, status, ms, http.Actor().Name);
        }
    }
}
