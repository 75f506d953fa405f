using Portunus.Shared.RuleFiles;
using Portunus.Shared.Toml;

namespace Portunus.Web.Options;

/// <summary>Where each option was set, with the layer that wins on top.</summary>
internal sealed class OptionLayers
{
    /// <summary>Every key of server.toml. A flag is the same with dashes, a variable the same in capitals after PORTUNUS_.</summary>
    public static readonly IReadOnlyList<OptionKey> Keys =
    [
        new("admin_listen", "ADDRESS", "API and admin interface (127.0.0.1:7080)"),
        new("admin_public_origin", "ORIGIN", "how browsers reach it through a proxy: https://portunus.example.org"),
        new("admin_tls_cert", "FILE", "its certificate with those of its issuers, PEM"),
        new("admin_tls_key", "FILE", "the key of that, PEM, closed to others"),
        new("link_listen", "ADDRESS", "where edges connect (0.0.0.0:7443)"),
        new("metrics_listen", "ADDRESS", "metrics, on loopback (127.0.0.1:7081)"),
        new("advertised_address", "HOST:PORT", "what edges are told to connect to"),
        new("trusted_proxies", "PREFIXES", "whose X-Forwarded-For is believed, with commas between them"),
        new("log_level", "LEVEL", "trace, debug, info, warn or error (info)"),
        new("log_format", "FORMAT", "text or json (text)"),
        new("audit_retention_days", "DAYS", "how long audit entries are kept, 0 for ever (365)"),
    ];

    private readonly Dictionary<string, string> _file = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> _flags;
    private readonly Func<string, string?> _environment;

    public OptionLayers(IReadOnlyDictionary<string, string> flags, Func<string, string?> environment) => (_flags, _environment) = (flags, environment);

    public static string FlagOf(string key) => $"--{key.Replace('_', '-')}";

    public static string VariableOf(string key) => $"PORTUNUS_{key.ToUpperInvariant()}";

    /// <summary>The value of a key and where it was set, for sentences; null where nobody set it. An empty variable is as good as none.</summary>
    public (string Text, string Where)? Find(string key)
    {
        if (_flags.TryGetValue(FlagOf(key), out var flag))
        {
            return (flag, FlagOf(key));
        }

        if (_environment(VariableOf(key)) is { Length: > 0 } variable)
        {
            return (variable, VariableOf(key));
        }

        return _file.TryGetValue(key, out var value) ? (value, _places[key]) : null;
    }

    /// <summary>Reads server.toml, where there is one.</summary>
    public void AddFile(string path, List<string> problems)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path} cannot be read: {broken.Message}");
            return;
        }

        var toml = TomlReader.Read(bytes);
        problems.AddRange(toml.Errors.Select(error => $"{path}, line {error.Place.Line}, column {error.Place.Column}: {error.Text}"));
        foreach (var entry in toml.Root.Entries)
        {
            var place = $"{entry.Key} ({path}, line {entry.KeyPlace.Line})";
            if (!Keys.Any(key => key.Name == entry.Key))
            {
                var hint = NearestName.Find(entry.Key, Keys.Select(key => key.Name)) is { } nearest ? $"; did you mean {nearest}?" : "";
                problems.Add($"{path}, line {entry.KeyPlace.Line}: \"{entry.Key}\" is not a key of server.toml{hint}");
            }
            else if (TextOf(entry.Key, entry.Value) is { } text)
            {
                (_file[entry.Key], _places[entry.Key]) = (text, place);
            }
            else
            {
                problems.Add($"{path}, line {entry.Value.Place.Line}: {entry.Key} must be {Expected(entry.Key)}; this is {entry.Value.Kind}.");
            }
        }
    }

    private static string? TextOf(string key, TomlValue value) => (key, value) switch
    {
        ("audit_retention_days", TomlInteger number) => number.Value.ToString(),
        ("audit_retention_days", _) => null,
        ("trusted_proxies", TomlArray array) when array.Values.All(one => one is TomlString) =>
            string.Join(',', array.Values.Cast<TomlString>().Select(one => one.Value)),
        ("trusted_proxies", _) => null,
        (_, TomlString text) => text.Value,
        _ => null,
    };

    private static string Expected(string key) => key switch
    {
        "audit_retention_days" => "an integer",
        "trusted_proxies" => "an array of strings",
        _ => "a string",
    };
}
