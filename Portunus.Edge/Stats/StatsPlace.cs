namespace Portunus.Edge.Stats;

/// <summary>Where the stats socket is when nobody says.</summary>
internal static class StatsPlace
{
    private const string Name = "edge.sock";
    private const string SystemWide = "/run/portunus/" + Name;

    /// <summary>Where the units of a machine make theirs: the standalone edge's and the linked edge's, which may both be there.</summary>
    private static readonly string[] s_units = [SystemWide, "/run/portunus-edge-linked/" + Name];

    /// <summary>
    /// Where an edge makes it: in <c>$RUNTIME_DIRECTORY</c>, which systemd sets for a unit with RuntimeDirectory=
    /// (systemd.exec(5)), else in <c>$XDG_RUNTIME_DIR/portunus</c>, else in <c>/run/portunus</c>.
    /// </summary>
    public static string Default => DefaultFor(Environment.GetEnvironmentVariable);

    /// <summary>
    /// Where a reader looks: the edge's default place or, where nothing is there, those of the services, because an edge that
    /// runs as one has other variables than the person who asks.
    /// </summary>
    public static string ToRead => ToReadFor(Environment.GetEnvironmentVariable, File.Exists);

    /// <summary><see cref="Default"/> for given variables.</summary>
    public static string DefaultFor(Func<string, string?> variable)
    {
        // systemd separates several folders by colons; the first is the unit's own.
        if (variable("RUNTIME_DIRECTORY")?.Split(':')[0] is { Length: > 0 } unit)
        {
            return Path.Combine(unit, Name);
        }

        return variable("XDG_RUNTIME_DIR") is { Length: > 0 } user ? Path.Combine(user, "portunus", Name) : SystemWide;
    }

    /// <summary><see cref="ToRead"/> for given variables and files.</summary>
    public static string ToReadFor(Func<string, string?> variable, Func<string, bool> exists)
    {
        var first = DefaultFor(variable);
        return exists(first) ? first : s_units.FirstOrDefault(exists) ?? first;
    }
}
