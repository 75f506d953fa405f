using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>Queries that say yes or no.</summary>
internal static class QueryFlags
{
    /// <summary>What <c>dry_run</c> asks for. Anything but the two words is refused: guessing wrong would delete what was only asked about.</summary>
    public static Outcome<bool> DryRun(string? value) => Read("dry_run", value).Select(asked => asked ?? false);

    /// <summary><c>true</c> or <c>false</c>; null where it is left out.</summary>
    /// <param name="name">Of the parameter; its refusal is this name and <c>_unknown</c>.</param>
    /// <param name="value">As it was sent.</param>
    public static Outcome<bool?> Read(string name, string? value) => value switch
    {
        null => (bool?)null,
        "true" => true,
        "false" => false,
        _ => new Problem(name + "_unknown", name, $"{name} must be true or false."),
    };
}
