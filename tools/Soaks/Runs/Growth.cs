namespace Portunus.Soaks.Runs;

/// <summary>How much resident memory may grow.</summary>
internal static class Growth
{
    private const double Most = 0.10;

    /// <summary>A short run ends while the runtime still compiles what runs often once more.</summary>
    private const double MostInShortRun = 0.30;
    private const double ShortScale = 0.2;

    /// <summary>A share of what it was.</summary>
    public static double Allowed(SoakOptions options) => options.Scale < ShortScale ? MostInShortRun : Most;
}
