using System.Globalization;
using System.Text;

namespace Portunus.Shared.Metrics;

/// <summary>
/// Writes the Prometheus text format, version 0.0.4: a family's HELP and TYPE once, then its lines. Families must not be mixed
/// and no two lines may have the same name and labels, or the whole scrape is refused.
/// </summary>
public sealed class MetricLines
{
    private readonly StringBuilder _text = new();
    private string _name = "";

    /// <summary>Begins a family. A counter's name ends in <c>_total</c>.</summary>
    public void Family(string name, string type, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    /// <summary>One line of the family begun last.</summary>
    public void Line(long value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Labels(labels);
        _text.Append(CultureInfo.InvariantCulture, $" {value}\n");
    }

    /// <summary>One line of the family begun last.</summary>
    public void Line(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Labels(labels);
        _text.Append(' ').Append(double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>Everything written so far.</summary>
    public override string ToString() => _text.ToString();

    private void Labels(ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            Escape(labels[i].Value);
            _text.Append('"');
        }

        if (labels.Length > 0)
        {
            _text.Append('}');
        }
    }

    /// <summary>Backslash, quote and line feed are the three characters that the format escapes; a carriage return would only confuse readers by line.</summary>
    private void Escape(string value)
    {
        foreach (var one in value)
        {
            _ = one switch
            {
                '\\' => _text.Append("\\\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append(' '),
                _ => _text.Append(one),
            };
        }
    }
}
