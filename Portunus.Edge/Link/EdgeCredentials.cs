using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>What makes a machine an edge: where its control plane is, what that is known by, and what the edge proves itself with.</summary>
internal sealed record EdgeCredentials
{
    /// <summary>Name or address literal of the control plane, without brackets.</summary>
    public required string Host { get; init; }

    /// <summary>1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Valid pins of the server, the one in use first; at least one.</summary>
    public required IReadOnlyList<string> Pins { get; init; }

    /// <summary>The edge's id.</summary>
    public required string Edge { get; init; }

    /// <summary>The edge's name when it was enrolled, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Secret: never in a log or a message.</summary>
    public required string Credential { get; init; }

    /// <summary>The pins as they are compared. Empty where one of them is not a pin.</summary>
    public IReadOnlyList<ServerPin> ReadPins()
    {
        var pins = new List<ServerPin>();
        foreach (var text in Pins)
        {
            if (!ServerPin.TryParse(text, out var pin))
            {
                return [];
            }

            pins.Add(pin);
        }

        return pins;
    }

    /// <summary>Without the credential.</summary>
    public override string ToString() => $"{Name} ({Edge}) of {Host}:{Port}";
}
