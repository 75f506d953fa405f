using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Tests.Kit;
using Portunus.Web.Accounts;
using Portunus.Web.Database;

namespace Portunus.Tests.Web.Accounts;

/// <summary>What browsers hold outlives a restart and moves with a backup; nobody else can read the keys of it.</summary>
public sealed class KeysTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task SignIn_OutlivesARestart()
    {
        using var folder = new DataFolder();
        string cookie;
        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            await Eventually.Holds(() => web.Text.Contains("Setup token", StringComparison.Ordinal), "the token is printed");
            var caller = new WebCaller(web.Address);
            Assert.Equal(201, (await caller.PostAsync("/v1/auth/setup", new { setup_token = web.SetupToken, name = "ada", password = RunningWeb.Password })).Status);
            cookie = (await caller.PostAsync("/v1/auth/sign-in", new { name = "ada", password = RunningWeb.Password })).SetCookie;
            Assert.Equal(0, await web.StopAsync());
        }

        await using (var web = await WebProcess.ServingAsync(folder.Path))
        {
            Assert.Equal("cookie", (await new WebCaller(web.Address).WithCookie(cookie).GetAsync("/v1/me"))["via"]);
        }
    }

    [Fact]
    public void WhatIsProtected_IsReadAfterARestart_ByTheOwnerAlone()
    {
        using var folder = new DataFolder();
        var text = With(folder.Path, keys => keys.Protect("a form"));
        Assert.Equal("a form", With(folder.Path, keys => keys.Unprotect(text)));
        var place = DataDirectory.KeysFolderOf(folder.Path);
        Assert.Equal(OwnerFile | UnixFileMode.UserExecute, File.GetUnixFileMode(place));
        Assert.Equal(OwnerFile, File.GetUnixFileMode(Assert.Single(Directory.EnumerateFileSystemEntries(place))));
    }

    [Fact]
    public async Task Keys_MoveWithABackup_AndGoWithAReset()
    {
        using var store = new FilledStore();
        using var to = new DataFolder();
        var text = With(store.Path, keys => keys.Protect("a form"));
        (await WebVerb.RunAsync(store.Path, "backup", to.File("b"))).Ends(0);
        (await WebVerb.RunAsync(to.File("moved"), "restore", to.File("b"))).Ends(0);
        Assert.Equal("a form", With(to.File("moved"), keys => keys.Unprotect(text)));
        Assert.Equal(OwnerFile, File.GetUnixFileMode(Assert.Single(Directory.EnumerateFiles(DataDirectory.KeysFolderOf(to.File("moved"))))));
        (await WebVerb.RunAsync(store.Path, "reset", "--confirm")).Ends(0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(DataDirectory.KeysFolderOf(store.Path)));
    }

    private static string With(string folder, Func<IDataProtector, string> use)
    {
        using var directory = DataDirectory.Open(folder);
        using var services = new ServiceCollection().AddLogging().AddSingleton(directory).AddAccounts(new AccountsOptions()).BuildServiceProvider();
        return use(services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test"));
    }
}
