namespace Portunus.Edge.Stats.View;

/// <summary>What a piece of a line means; the terminal decides what that looks like.</summary>
internal enum Ink
{
    Plain,
    Dim,
    Strong,
    Good,
    Warn,
    Bad,

    /// <summary>The line that a key would act on.</summary>
    Chosen,
}
