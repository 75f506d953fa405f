using System.Text;

namespace Portunus.Edge.Stats.View;

/// <summary>A series drawn with block characters, newest at the right.</summary>
internal static class Bars
{
    private const string Blocks = " ▁▂▃▄▅▆▇█";

    /// <summary>
    /// <paramref name="height"/> rows of <paramref name="width"/> cells, the top one first, scaled to <paramref name="most"/>.
    /// Anything above zero shows at least the lowest block, so that little traffic does not look like none.
    /// </summary>
    public static string[] Draw(IReadOnlyList<double> series, int width, int height, double most)
    {
        var rows = new StringBuilder[height];
        for (var row = 0; row < height; row++)
        {
            rows[row] = new StringBuilder(width);
        }

        for (var column = 0; column < width; column++)
        {
            var index = series.Count - width + column;
            var value = index >= 0 ? series[index] : 0;
            var steps = value > 0 && most > 0 ? Math.Clamp((int)Math.Round(value / most * height * 8), 1, height * 8) : 0;
            for (var row = 0; row < height; row++)
            {
                var below = (height - 1 - row) * 8;
                rows[row].Append(Blocks[Math.Clamp(steps - below, 0, 8)]);
            }
        }

        return [.. rows.Select(row => row.ToString())];
    }

    /// <summary>One row, scaled to its own highest value.</summary>
    public static string Spark(IReadOnlyList<double> series, int width) =>
        Draw(series, width, 1, series.TakeLast(width).DefaultIfEmpty().Max())[0];
}
