using Microsoft.Data.Sqlite;
using Portunus.Web.Database;
using Portunus.Web.Shell;

namespace Portunus.Tests.Kit;

/// <summary>What a verb of the control plane's program came to, run in this process.</summary>
internal sealed record WebVerb(int Code, string Output, string Errors)
{
    public static Task<WebVerb> RunAsync(string folder, params string[] words) => RunAsync(folder, [], words);

    public static async Task<WebVerb> RunAsync(string folder, Dictionary<string, string> variables, params string[] words)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        try
        {
            var code = await WebProgram.RunAsync([.. words, "--data-dir", folder], variables.GetValueOrDefault, TextReader.Null, output, errors);
            return new WebVerb(code, output.ToString(), errors.ToString());
        }
        catch (StartRefusal refusal)
        {
            return new WebVerb(refusal.ExitCode, output.ToString(), refusal.Message);
        }
        finally
        {
            // A process that ends closes its connections; this one goes on.
            using var pool = new SqliteConnection(SqlitePragmas.ConnectionString(DataDirectory.DatabaseFileOf(Path.GetFullPath(folder))));
            SqliteConnection.ClearPool(pool);
        }
    }

    /// <summary>Fails with what was said unless it ended so.</summary>
    public WebVerb Ends(int code)
    {
        Assert.True(Code == code, $"{Code} instead of {code}: {Output}{Errors}");
        return this;
    }
}
