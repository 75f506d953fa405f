namespace Portunus.Edge.Stats.View;

/// <summary>Which words are good news.</summary>
internal static class Inks
{
    public static Ink OfState(string state) => state switch
    {
        "listening" => Ink.Good,
        "refused" => Ink.Bad,
        "stopped" => Ink.Dim,
        _ => Ink.Warn,
    };

    public static Ink OfForwarding(string forwarding) => forwarding switch
    {
        "ok" or "up" => Ink.Good,
        "failing" or "down" => Ink.Bad,
        _ => Ink.Dim,
    };
}
