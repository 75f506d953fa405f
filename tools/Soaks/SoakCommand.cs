using System.Globalization;
using Portunus.Soaks.Runs;

namespace Portunus.Soaks;

/// <summary>What the command line asks for.</summary>
internal sealed record SoakCommand
{
    public const int QuickSeconds = 20;

    public const string Usage =
        """
        tools/soak [--quick] [--only NAME] [--seconds N] [--seed N] [--edge PATH]
          --quick        short runs, about 20 s each
          --only NAME    one run: reload, connections, bulk, capped, chaos or udp; may be given again
          --seconds N    length of the runs; those measured in size shrink with it
          --seed N       repeats a run's chances; printed with what is not ok
          --edge PATH    the program under test
        """;

    public required IReadOnlyList<SoakRun> Runs { get; init; }

    public required string Program { get; init; }

    public required ulong Seed { get; init; }

    public int? Seconds { get; init; }

    public SoakOptions OptionsOf(SoakRun run)
    {
        var seconds = Seconds ?? run.FullSeconds;
        return new SoakOptions(Program, Seed, seconds, Math.Min(1, (double)seconds / run.FullSeconds));
    }

    /// <summary>Null with a sentence when it cannot be understood.</summary>
    public static SoakCommand? Read(string[] arguments, out string problem)
    {
        problem = "";
        var only = new List<SoakRun>();
        var program = Path.Combine(AppContext.BaseDirectory, "portunus-edge");
        var seed = (ulong)Random.Shared.Next();
        int? seconds = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var (name, value) = (arguments[i], i + 1 < arguments.Length ? arguments[i + 1] : "");
            switch (name)
            {
                case "--quick":
                    seconds = QuickSeconds;
                    continue;
                case "--only" when SoakRun.All.FirstOrDefault(run => run.Name == value) is { } run:
                    only.Add(run);
                    break;
                case "--seconds" when int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 86_400:
                    seconds = number;
                    break;
                case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var number):
                    seed = number;
                    break;
                case "--edge" when File.Exists(value):
                    program = Path.GetFullPath(value);
                    break;
                default:
                    problem = $"not understood: {name} {value}".TrimEnd();
                    return null;
            }

            i++;
        }

        return new SoakCommand { Runs = only.Count > 0 ? only : SoakRun.All, Program = program, Seed = seed, Seconds = seconds };
    }
}
