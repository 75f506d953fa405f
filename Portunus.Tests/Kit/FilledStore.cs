using Microsoft.Data.Sqlite;
using Portunus.Shared.Ids;
using Portunus.Web.Database;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Kit;

/// <summary>A data directory that no process has open, with something of everything that a backup holds.</summary>
internal sealed class FilledStore : IDisposable
{
    public static readonly string LinkKey = Portunus.Web.Link.LinkKey.NewPem(TimeProvider.System.GetUtcNow());
    public const string Toml = "log_level = \"debug\"\n";

    private readonly DataFolder _folder = new();

    public FilledStore(string edge = "lisbon")
    {
        using (var directory = DataDirectory.Open(_folder.Path))
        {
            DbStartup.Prepare(directory, TimeProvider.System);
            using var db = DbStartup.Open(directory.DatabaseFile);
            var account = new Account { Id = AccountId.New(), UserName = "ada", NormalizedUserName = "ada", DisplayName = "Ada", SecurityStamp = "stamp", Role = AccountRole.Superadmin };
            var row = new EdgeRow { Id = EdgeId.New(), Name = edge };
            db.Accounts.Add(account);
            db.Edges.Add(row);
            db.SaveChanges();
            var now = TimeProvider.System.GetUtcNow();
            db.SignIns.Add(new SignIn { Id = SignInId.New(), AccountId = account.Id, Hash = [1], Stamp = "stamp", CreatedAt = now, ExpiresAt = now.AddDays(1) });
            db.EnrollCodes.Add(new EnrollCode { Id = EnrollCodeId.New(), EdgeId = row.Id, Hash = [2], CreatedAt = now, ExpiresAt = now.AddHours(1) });
            db.SaveChanges();
        }

        Close();
        Directory.CreateDirectory(File("link"));
        System.IO.File.WriteAllText(File("link/current.pem"), LinkKey);
        System.IO.File.WriteAllText(File("server.toml"), Toml);
    }

    public string Path => _folder.Path;

    public string File(string name) => _folder.File(name);

    /// <summary>Reads a store that nobody has open.</summary>
    public static T Read<T>(string folder, Func<PortunusDb, T> read)
    {
        using (var db = DbStartup.Open(DataDirectory.DatabaseFileOf(folder)))
        {
            try
            {
                return read(db);
            }
            finally
            {
                SqliteConnection.ClearPool((SqliteConnection)Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.GetDbConnection(db.Database));
            }
        }
    }

    public static string Epoch(string folder) => Read(folder, db => db.Settings.Single(setting => setting.Key == Setting.PlanEpoch).Value);

    /// <summary>Every file below a folder but the lock, with its content: two that are the same hold the same.</summary>
    public static string Picture(string folder) => string.Join('\n', Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(file => $"{System.IO.Path.GetRelativePath(folder, file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(file)))}"));

    public void Dispose() => _folder.Dispose();

    private void Close()
    {
        using var pool = new SqliteConnection(SqlitePragmas.ConnectionString(DataDirectory.DatabaseFileOf(Path)));
        SqliteConnection.ClearPool(pool);
    }
}
