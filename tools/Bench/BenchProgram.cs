using BenchmarkDotNet.Running;

namespace Portunus.Bench;

/// <summary>Runs what the command line picks; see README.md.</summary>
internal static class BenchProgram
{
    private static void Main(string[] arguments) => BenchmarkSwitcher.FromAssembly(typeof(BenchProgram).Assembly).Run(arguments);
}
