using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>A rule as the text of a rule file, one key a line, tables last.</summary>
internal static class SpecText
{
    public static string Of(RuleSpec spec)
    {
        var text = new StringBuilder("[[rule]]\n");
        AddScalars(text, spec);
        foreach (var (name, value) in Fields(spec))
        {
            switch (value)
            {
                case IReadOnlyList<TargetSpec> { Count: 0 }:
                    text.Append(CultureInfo.InvariantCulture, $"{name} = []\n");
                    break;
                case IReadOnlyList<TargetSpec> targets:
                    foreach (var target in targets)
                    {
                        text.Append("[[rule.targets]]\n");
                        AddScalars(text, target);
                    }

                    break;
                case LimitSpec or HealthCheckSpec:
                    text.Append(CultureInfo.InvariantCulture, $"[rule.{name}]\n");
                    AddScalars(text, value);
                    break;
            }
        }

        return text.ToString();
    }

    private static void AddScalars(StringBuilder text, object table)
    {
        foreach (var (name, value) in Fields(table))
        {
            if (Scalar(value) is { } scalar)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name} = {scalar}\n");
            }
        }
    }

    private static string? Scalar(object? value) => value switch
    {
        // JSON strings are TOML strings.
        string one => JsonSerializer.Serialize(one),
        long or bool => JsonSerializer.Serialize(value),
        IReadOnlyList<string> many => JsonSerializer.Serialize(many),
        _ => null,
    };

    private static IEnumerable<(string Name, object? Value)> Fields(object table) => table.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => (JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), property.GetValue(table)))
        // An empty array of targets is a line of the rule, so it must come before any table of it.
        .OrderBy(field => field.Item2 is ICollection { Count: 0 } ? 0 : 1);
}
