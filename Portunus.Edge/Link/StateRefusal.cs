namespace Portunus.Edge.Link;

/// <summary>The state directory will not do, in a sentence for people.</summary>
internal sealed class StateRefusal(string message) : Exception(message);
