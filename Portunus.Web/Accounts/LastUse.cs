using Microsoft.EntityFrameworkCore;
using Portunus.Web.Database;
using Portunus.Web.Database.Ids;

namespace Portunus.Web.Accounts;

/// <summary>
/// When tokens and sign-ins were last used: kept here and written once a minute, so that reading does not become writing. A kill
/// loses at most a minute of it.
/// </summary>
internal sealed class LastUse(WriteLane lane, TimeProvider clock, ILogger<LastUse> log) : NotedWrites(s_each, clock)
{
    private static readonly TimeSpan s_each = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private Dictionary<ApiTokenId, (DateTimeOffset At, string From)> _tokens = [];
    private Dictionary<SignInId, DateTimeOffset> _signIns = [];

    public void Note(ApiTokenId token, DateTimeOffset at, string from)
    {
        lock (_lock)
        {
            _tokens[token] = (at, from);
        }
    }

    public void Note(SignInId signIn, DateTimeOffset at)
    {
        lock (_lock)
        {
            _signIns[signIn] = at;
        }
    }

    /// <summary>The later of what is stored and what is noted here.</summary>
    public DateTimeOffset Of(SignInId signIn, DateTimeOffset stored)
    {
        lock (_lock)
        {
            return _signIns.TryGetValue(signIn, out var noted) && noted > stored ? noted : stored;
        }
    }

    public override async Task WriteAsync(CancellationToken cancel)
    {
        Dictionary<ApiTokenId, (DateTimeOffset At, string From)> tokens;
        Dictionary<SignInId, DateTimeOffset> signIns;
        lock (_lock)
        {
            if (_tokens.Count == 0 && _signIns.Count == 0)
            {
                return;
            }

            (tokens, signIns) = (new(_tokens), new(_signIns));
        }

        await using (var write = await lane.BeginAsync(cancel))
        {
            foreach (var (id, (at, from)) in tokens)
            {
                await write.Db.ApiTokens.Where(token => token.Id == id)
                    .ExecuteUpdateAsync(token => token.SetProperty(one => one.LastUsedAt, at).SetProperty(one => one.LastUsedFrom, from), cancel);
            }

            foreach (var (id, at) in signIns)
            {
                await write.Db.SignIns.Where(signIn => signIn.Id == id).ExecuteUpdateAsync(signIn => signIn.SetProperty(one => one.LastSeenAt, at), cancel);
            }

            await write.CommitAsync();
        }

        lock (_lock)
        {
            // What was noted meanwhile stays for the next time.
            _tokens = _tokens.Where(one => tokens.GetValueOrDefault(one.Key) != one.Value).ToDictionary();
            _signIns = _signIns.Where(one => signIns.GetValueOrDefault(one.Key) != one.Value).ToDictionary();
        }
    }

    protected override void TellFailure(Exception broken) => AccountsLog.LastUseNotWritten(log, broken);
}
