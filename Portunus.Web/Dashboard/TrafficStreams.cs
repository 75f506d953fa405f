using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Portunus.Shared.Ids;
using Portunus.Web.Accounts;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;
using Portunus.Web.Traffic;

namespace Portunus.Web.Dashboard;

/// <summary>
/// Streams of server-sent events. Each asks every two seconds whether its reader still is somebody and may still see what it tells, and
/// ends when not: a page that was open before must not know more than one that is opened now.
/// </summary>
internal sealed class TrafficStreams(IStanding standing, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>Of one account at one time.</summary>
    public const int MostOfAccount = 8;

    private static readonly TimeSpan s_each = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_asked = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_silent = TimeSpan.FromSeconds(10);

    private static readonly Problem s_tooMany =
        new("streams_too_many", "", $"This account has {MostOfAccount} streams of events open; close one first.", ProblemKind.TooMany) { RetryAfter = TimeSpan.FromSeconds(1) };

    private readonly Lock _gate = new();
    private readonly Dictionary<AccountId, int> _open = [];

    /// <summary>Streams open now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Values.Sum();
            }
        }
    }

    /// <summary>A stream for somebody.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="maySee">Whether they, as they are then, may go on.</param>
    /// <param name="now">What is to be told; null while there is nothing.</param>
    public IResult Open(Actor actor, Func<Actor, CancellationToken, Task<bool>> maySee, Func<Actor, TrafficEvent?> now)
    {
        var account = actor.Id ?? default;
        lock (_gate)
        {
            if (_open.GetValueOrDefault(account) >= MostOfAccount)
            {
                return ApiProblems.Of(s_tooMany);
            }

            _open[account] = _open.GetValueOrDefault(account) + 1;
        }

        return new Stream(this, actor, maySee, now);
    }

    private void Close(AccountId account)
    {
        lock (_gate)
        {
            if (--_open[account] == 0)
            {
                _open.Remove(account);
            }
        }
    }

    private sealed class Stream(TrafficStreams streams, Actor reader, Func<Actor, CancellationToken, Task<bool>> maySee, Func<Actor, TrafficEvent?> now) : IResult
    {
        private static readonly byte[] s_alive = ": still here\n\n"u8.ToArray();
        private static readonly byte[] s_event = "event: traffic\ndata: "u8.ToArray();
        private static readonly byte[] s_end = "\n\n"u8.ToArray();

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            try
            {
                using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, streams.Lifetime.ApplicationStopping);
                await TellAsync(httpContext, ending.Token);
            }
            catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested || streams.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // The reader is gone, or the program goes.
            }
            finally
            {
                streams.Close(reader.Id ?? default);
            }
        }

        private async Task TellAsync(HttpContext http, CancellationToken cancel)
        {
            var response = http.Response;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            // For nginx, which else keeps events until it has a buffer full of them.
            response.Headers["X-Accel-Buffering"] = "no";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await response.Body.WriteAsync(s_alive, cancel);
            var (actor, last) = (reader, Array.Empty<byte>());
            var (asked, written) = (streams.Clock.GetTimestamp(), streams.Clock.GetTimestamp());
            using var timer = new PeriodicTimer(s_each, streams.Clock);
            do
            {
                if (streams.Clock.GetElapsedTime(asked) >= s_asked)
                {
                    asked = streams.Clock.GetTimestamp();
                    if (await streams.Standing.AgainAsync(actor, cancel) is not { } again || !await maySee(again, cancel))
                    {
                        return;
                    }

                    actor = again;
                }

                var told = now(actor) is { } news ? JsonSerializer.SerializeToUtf8Bytes(news, ApiJson.Options) : last;
                if (!told.AsSpan().SequenceEqual(last))
                {
                    await response.Body.WriteAsync((byte[])[.. s_event, .. told, .. s_end], cancel);
                    (last, written) = (told, streams.Clock.GetTimestamp());
                }
                else if (streams.Clock.GetElapsedTime(written) >= s_silent)
                {
                    // So that whoever stands between does not take silence for an end, and a reader that is gone is noticed.
                    await response.Body.WriteAsync(s_alive, cancel);
                    written = streams.Clock.GetTimestamp();
                }

                await response.Body.FlushAsync(cancel);
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
    }

    private IStanding Standing => standing;

    private IHostApplicationLifetime Lifetime => lifetime;

    private TimeProvider Clock => clock;
}
