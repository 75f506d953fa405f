using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Maintenance;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>What the world does to a store: full disks, other processes, kills, other programs' files.</summary>
public sealed class StoreFaultTests
{
    /// <summary>tools/soak-kills asks for more than the suite has time for.</summary>
    private static readonly int s_kills = int.TryParse(Environment.GetEnvironmentVariable("PORTUNUS_TEST_KILLS"), out var kills) ? kills : 10;

    [SmallDiskFact]
    public async Task FullDisk_RefusesChangesAndGoesOnWhenThereIsRoom()
    {
        using var disk = new SmallDisk();
        var folder = Path.Combine(disk.Path, "data");
        await using var web = await WebProcess.ServingAsync(folder);
        var root = await SuperadminAsync(web);
        disk.Fill();
        // What was left in the log's last blocks may take some more changes; then nothing fits, and each refusal leaves all as it was.
        var made = 0;
        WebAnswer answer;
        while ((answer = await root.PostAsync("/v1/edges", new { name = $"edge{made}", note = new string('n', 400) })).Status == 201)
        {
            made++;
        }

        Assert.True(answer is { Status: 503, Code: "store_full" }, answer.Text);
        Assert.Equal(200, (await root.GetAsync("/readyz")).Status);
        Assert.Equal(made, await CountAsync(root));
        var backup = await WebProcess.RunAsync("", "backup", Path.Combine(disk.Path, "b"), "--data-dir", folder);
        Assert.True(backup.Code == 1, backup.Output + backup.Errors);
        Assert.Equal(["data", "filler", "lost+found"], Directory.EnumerateFileSystemEntries(disk.Path).Select(Path.GetFileName).Order());
        disk.Free();
        Assert.Equal(201, (await root.PostAsync("/v1/edges", new { name = "after" })).Status);
        Assert.Equal(made + 1, await CountAsync(root));
        Assert.Equal(0, await web.StopAsync());
    }

    [Fact]
    public async Task StoreLockedByAnotherProcess_IsToldAndOver()
    {
        using var folder = new DataFolder();
        await using var web = await WebProcess.ServingAsync(folder.Path);
        var root = await SuperadminAsync(web);
        await using (var other = new SqliteConnection($"Data Source={DataDirectory.DatabaseFileOf(folder.Path)};Pooling=False"))
        {
            other.Open();
            await using var held = other.BeginTransaction();
            var refused = await root.PostAsync("/v1/edges", new { name = "edge" });
            Assert.True(refused is { Status: 503, Code: "store_busy" }, refused.Text);
            Assert.Equal(200, (await root.GetAsync("/v1/edges")).Status);
        }

        Assert.Equal(201, (await root.PostAsync("/v1/edges", new { name = "edge" })).Status);
        Assert.Equal(1, await CountAsync(root));
    }

    [Fact]
    public async Task KilledWhileWriting_LosesNothingThatWasAnswered()
    {
        using var folder = new DataFolder();
        var answered = new ConcurrentQueue<string>();
        string? token = null;
        var number = 0;
        for (var kill = 0; kill < s_kills; kill++)
        {
            await using var web = await WebProcess.ServingAsync(folder.Path);
            var root = token is null ? await SuperadminAsync(web, secret => token = secret) : new WebCaller(web.Address, token);
            var before = answered.Count;
            async Task WriteAsync()
            {
                try
                {
                    while (true)
                    {
                        var name = $"edge{Interlocked.Increment(ref number)}";
                        Assert.Equal(201, (await root.PostAsync("/v1/edges", new { name })).Status);
                        answered.Enqueue(name);
                    }
                }
                catch (Exception gone) when (gone is HttpRequestException or IOException)
                {
                    // Killed: this request was not answered, and may be there or not.
                }
            }

            var writers = new[] { WriteAsync(), WriteAsync(), WriteAsync() };
            await Eventually.Holds(() => answered.Count >= before + 1 + (kill % 10 * 3), "changes are answered");
            await web.StopAsync("KILL");
            await Eventually.Within(Task.WhenAll(writers));
        }

        DataDirectory.Open(folder.Path).Dispose();
        Assert.Null(StoreFile.Damage(DataDirectory.DatabaseFileOf(folder.Path)));
        var names = FilledStore.Read(folder.Path, db => db.Edges.Select(edge => edge.Name).ToList());
        Assert.Empty(answered.Except(names));
        // No edge without its entry and its revision, and no entry without its edge.
        var told = FilledStore.Read(folder.Path, db => db.AuditEntries.Where(entry => entry.Action == "edge.create" && entry.Outcome == AuditOutcome.Done).Select(entry => entry.SubjectName).ToList());
        Assert.Equal(names.Order(), told.Order());
    }

    [Fact]
    public async Task SecondProcess_IsRefused()
    {
        using var folder = new DataFolder();
        await using var web = await WebProcess.ServingAsync(folder.Path);
        var (code, _, errors) = await WebProcess.RunAsync("", "--data-dir", folder.Path, "--admin-listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0");
        Assert.True(code == 1 && errors.Contains("in use by another process", StringComparison.Ordinal), errors);
        var restore = await WebProcess.RunAsync("", "reset", "--confirm", "--data-dir", folder.Path);
        Assert.True(restore.Code == 1 && restore.Errors.Contains("in use", StringComparison.Ordinal), restore.Errors);
        Assert.Equal(200, (await new WebCaller(web.Address).GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task NewerStoreAndDamagedStore_AreToldApart()
    {
        using var newer = new FilledStore();
        FilledStore.Read(newer.Path, db => db.Database.ExecuteSqlRaw("INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99.0.0')"));
        var (code, _, errors) = await WebProcess.RunAsync("", "--data-dir", newer.Path, "--admin-listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0");
        Assert.True(code == 78 && errors.Trim().Split('\n').Length == 1, $"{code} {errors}");
        using var damaged = new FilledStore();
        using (var file = File.OpenWrite(damaged.File("portunus.db")))
        {
            file.Write(new byte[8192]);
        }

        (code, _, errors) = await WebProcess.RunAsync("", "--data-dir", damaged.Path, "--admin-listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0");
        Assert.True(code == 1 && errors.Contains("is damaged or no store of ours", StringComparison.Ordinal) && errors.Trim().Split('\n').Length == 1, $"{code} {errors}");
    }

    [UnprivilegedFact]
    public async Task ReadOnlyDirectory_IsOneSentence()
    {
        using var folder = new DataFolder();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var run = await CommandRun.RunAsync(UnprivilegedFactAttribute.Wrapper[0], [.. UnprivilegedFactAttribute.Wrapper[1..], WebProcess.Program, "--data-dir", folder.Path]);
        Assert.True(run.ExitCode == 1 && run.Errors.Contains("cannot be used", StringComparison.Ordinal) && run.Errors.Trim().Split('\n').Length == 1, $"{run.ExitCode} {run.Errors}");
    }

    [Fact]
    public void ClockPutBack_StillGivesANewerEpoch()
    {
        using var store = new FilledStore();
        var epoch = long.Parse(FilledStore.Epoch(store.Path));
        var past = new PastClock();
        NewStart.Make(DataDirectory.DatabaseFileOf(store.Path), "store.restore", null, "", past);
        Assert.Equal(epoch + 1, long.Parse(FilledStore.Epoch(store.Path)));
        using var other = new FilledStore();
        var seen = long.Parse(FilledStore.Epoch(other.Path));
        NewStart.Make(DataDirectory.DatabaseFileOf(store.Path), "store.restore", null, DataDirectory.DatabaseFileOf(other.Path), past);
        Assert.Equal(seen + 1, long.Parse(FilledStore.Epoch(store.Path)));
    }

    [StraceFact]
    public async Task RestoreKilledAtAnyRename_LeavesTheOldOrTheNew()
    {
        using var one = new FilledStore("lisbon");
        using var away = new DataFolder();
        (await WebVerb.RunAsync(one.Path, "backup", away.File("b"))).Ends(0);
        var seen = new HashSet<string>();
        for (var rename = 1; rename <= 5; rename++)
        {
            using var other = new FilledStore("porto");
            await File.WriteAllTextAsync(other.File("link/current.pem"), "porto");
            await CommandRun.RunAsync("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e", $"inject=rename:signal=KILL:when={rename}",
                WebProcess.Program, "restore", away.File("b"), "--force", "--data-dir", other.Path]);
            DataDirectory.Open(other.Path).Dispose();
            var edge = FilledStore.Read(other.Path, db => db.Edges.Single().Name);
            Assert.Equal(edge == "porto" ? "porto" : FilledStore.LinkKey, await File.ReadAllTextAsync(other.File("link/current.pem")));
            Assert.Null(StoreFile.Damage(DataDirectory.DatabaseFileOf(other.Path)));
            seen.Add(edge);
        }

        // The first rename decides, so every kill at or after it must end with the new store.
        Assert.Contains("lisbon", seen);
    }

    private static async Task<WebCaller> SuperadminAsync(WebProcess web, Action<string>? tell = null)
    {
        await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
        var nobody = new WebCaller(web.Address);
        Assert.Equal(201, (await nobody.PostAsync("/v1/auth/setup", new { setup_token = web.SetupToken, name = "root", password = RunningWeb.Password })).Status);
        var signedIn = await nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password });
        var made = await nobody.WithCookie(signedIn.SetCookie).PostAsync("/v1/me/tokens", new { name = "test", scope = "write" });
        var secret = made.Body.GetProperty("secret").GetString()!;
        tell?.Invoke(secret);
        return nobody.WithToken(secret);
    }

    private static async Task<int> CountAsync(WebCaller root)
    {
        var count = 0;
        var cursor = "";
        while (true)
        {
            var page = (await root.GetAsync($"/v1/edges?limit=100{cursor}")).Body;
            count += page.GetProperty("items").GetArrayLength();
            if (page.GetProperty("next").GetString() is not { } next)
            {
                return count;
            }

            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
    }

    private sealed class PastClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
