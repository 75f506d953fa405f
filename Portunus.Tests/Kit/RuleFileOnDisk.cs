namespace Portunus.Tests.Kit;

/// <summary>A rule file that a test writes and writes again.</summary>
internal sealed class RuleFileOnDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public RuleFileOnDisk(params string[] parts) => Write(parts);

    public string Path => _folder.File("rules.toml");

    public string Folder => _folder.Path;

    /// <summary>A rule for one port of loopback to another.</summary>
    public static string Rule(string name, int port, int targetPort, string more = "") =>
        $"[[rule]]\nname = \"{name}\"\nlisten_address = \"127.0.0.1\"\nlisten_port = {port}\ntarget = \"127.0.0.1:{targetPort}\"\n{more}\n";

    public static string Global(string keys) => $"[global]\n{keys}\n";

    /// <summary>Writes the file in place.</summary>
    public void Write(params string[] parts) => File.WriteAllText(Path, string.Concat(parts));

    /// <summary>Writes a new file beside it and renames it, as editors do.</summary>
    public void Replace(params string[] parts)
    {
        var fresh = _folder.File("rules.toml.new");
        File.WriteAllText(fresh, string.Concat(parts));
        File.Move(fresh, Path, overwrite: true);
    }

    public void Dispose() => _folder.Dispose();
}
