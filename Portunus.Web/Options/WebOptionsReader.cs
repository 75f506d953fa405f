using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Portunus.Web.Options;

/// <summary>Puts the layers together and checks the whole: every problem is told at once, each as a sentence.</summary>
internal static class WebOptionsReader
{
    public const string FileName = "server.toml";
    public const string DataDirFlag = "--data-dir";
    public const string DataDirVariable = "PORTUNUS_DATA_DIR";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private delegate bool TryRead<T>(string text, [NotNull] out T value);

    /// <param name="flags">By their names with dashes.</param>
    /// <param name="environment">A variable's value, or null.</param>
    /// <param name="problems">Every one; empty when the options are good.</param>
    public static WebOptions? Read(IReadOnlyDictionary<string, string> flags, Func<string, string?> environment, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        problems = found;
        var folder = DataDir(flags, environment);
        if (folder is null)
        {
            found.Add("Nothing says where the data directory is: name it with --data-dir, or set HOME.");
            return null;
        }

        var layers = new OptionLayers(flags, environment);
        layers.AddFile(Path.Combine(folder, FileName), found);
        var defaults = new WebOptions { DataDir = Path.GetFullPath(folder) };
        const string Address = "an address and a port such as 127.0.0.1:7080 or [::1]:7080";
        const string Site = "a site such as https://portunus.example.org, without a path or a slash at the end";
        var options = defaults with
        {
            AdminListen = Value(layers, "admin_listen", OptionValues.TryEndPoint, Address, defaults.AdminListen, found),
            AdminPublicOrigin = Value<Uri>(layers, "admin_public_origin", OptionValues.TryOrigin, Site, null, found),
            AdminTlsCert = PathOf(layers, "admin_tls_cert", defaults.DataDir),
            AdminTlsKey = PathOf(layers, "admin_tls_key", defaults.DataDir),
            LinkListen = Value(layers, "link_listen", OptionValues.TryEndPoint, Address, defaults.LinkListen, found),
            MetricsListen = Value(layers, "metrics_listen", OptionValues.TryEndPoint, Address, defaults.MetricsListen, found),
            AdvertisedAddress = Value<string>(layers, "advertised_address", OptionValues.TryHostPort, "a host and a port such as portunus.example.org:7443", null, found),
            TrustedProxies = Value(layers, "trusted_proxies", OptionValues.TryPrefixes, "addresses or prefixes such as 10.0.0.0/8", defaults.TrustedProxies, found),
            LogLevel = Value(layers, "log_level", OptionValues.TryLevel, "trace, debug, info, warn or error", defaults.LogLevel, found),
            LogFormat = Value(layers, "log_format", OptionValues.TryFormat, "text or json", defaults.LogFormat, found),
            AuditRetentionDays = Value(layers, "audit_retention_days", OptionValues.TryDays, "a number of days between 0 (for ever) and 36500", defaults.AuditRetentionDays, found),
        };
        CheckTogether(options, found);
        return found.Count == 0 ? options : null;
    }

    /// <summary>Where the data directory is, before anything in it is read.</summary>
    public static string? DataDir(IReadOnlyDictionary<string, string> flags, Func<string, string?> environment)
    {
        if (flags.TryGetValue(DataDirFlag, out var flag))
        {
            return flag;
        }

        if (environment(DataDirVariable) is { Length: > 0 } variable)
        {
            return variable;
        }

        // Of several folders, as systemd may give, the first is ours.
        if (environment("STATE_DIRECTORY") is { Length: > 0 } state)
        {
            return state.Split(':')[0];
        }

        if (environment("XDG_STATE_HOME") is { } xdg && Path.IsPathRooted(xdg))
        {
            return Path.Combine(xdg, "portunus-web");
        }

        return environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".local", "state", "portunus-web") : null;
    }

    private static void CheckTogether(WebOptions options, List<string> problems)
    {
        CheckTls(options, problems);
        if (!IPAddress.IsLoopback(options.AdminListen.Address) && !options.IsHttps)
        {
            problems.Add($"admin_listen {options.AdminListen} can be reached from outside this machine and speaks plain HTTP: give it admin_tls_cert and admin_tls_key, "
                + "or put a TLS proxy before it and name its https address as admin_public_origin.");
        }

        if (!IPAddress.IsLoopback(options.MetricsListen.Address))
        {
            problems.Add($"metrics_listen {options.MetricsListen} must be a loopback address: metrics are not signed in to.");
        }

        var listens = new[] { ("admin_listen", options.AdminListen), ("link_listen", options.LinkListen), ("metrics_listen", options.MetricsListen) };
        for (var i = 0; i < listens.Length; i++)
        {
            for (var j = i + 1; j < listens.Length; j++)
            {
                if (Collide(listens[i].Item2, listens[j].Item2))
                {
                    problems.Add($"{listens[i].Item1} and {listens[j].Item1} are the same port, {listens[i].Item2.Port}; each listener needs one of its own.");
                }
            }
        }
    }

    private static void CheckTls(WebOptions options, List<string> problems)
    {
        if ((options.AdminTlsCert is null) != (options.AdminTlsKey is null))
        {
            problems.Add("admin_tls_cert and admin_tls_key go together: one of them is missing.");
        }

        CheckFile("admin_tls_cert", options.AdminTlsCert, problems);
        CheckFile("admin_tls_key", options.AdminTlsKey, problems);
        if (options.AdminTlsKey is { } key && File.Exists(key) && (File.GetUnixFileMode(key) & Others) != UnixFileMode.None)
        {
            problems.Add($"admin_tls_key {key} can be read by others; close it with chmod 600.");
        }

        if (options is { AdminTlsCert: { } cert, AdminTlsKey: { } own } && File.Exists(cert) && File.Exists(own) && TlsPair.Read(cert, own, out var problem) is null)
        {
            problems.Add(problem);
        }
    }

    /// <summary>A path without a root is meant from the data directory, wherever the program was started.</summary>
    private static string? PathOf(OptionLayers layers, string key, string folder) => layers.Find(key) is var (text, _) ? Path.GetFullPath(text, folder) : null;

    private static bool Collide(IPEndPoint one, IPEndPoint other) =>
        one.Port != 0 && one.Port == other.Port
        && (one.Address.Equals(other.Address) || IsAny(one.Address) || IsAny(other.Address));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static void CheckFile(string key, string? path, List<string> problems)
    {
        if (path is not null && !File.Exists(path))
        {
            problems.Add($"{key} names {path}, which is not there or not readable.");
        }
    }

    [return: NotNullIfNotNull(nameof(otherwise))]
    private static T? Value<T>(OptionLayers layers, string key, TryRead<T> tryRead, string expected, T? otherwise, List<string> problems)
    {
        if (layers.Find(key) is not var (text, where))
        {
            return otherwise;
        }

        if (tryRead(text, out var value))
        {
            return value;
        }

        problems.Add($"{where} must be {expected}; it is \"{text}\".");
        return otherwise;
    }
}
