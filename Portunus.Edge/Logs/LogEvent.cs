using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Logs;

/// <summary>One event on its way to a line.</summary>
/// <param name="At">When it was logged.</param>
/// <param name="Level">How grave.</param>
/// <param name="Name">Stable, for programs: <c>engine.rule_listens</c>.</param>
/// <param name="Sentence">For people.</param>
/// <param name="Values">What the sentence names, by name.</param>
/// <param name="Error">What was thrown, if anything.</param>
internal readonly record struct LogEvent(
    DateTimeOffset At, LogLevel Level, string Name, string Sentence, IReadOnlyList<KeyValuePair<string, object?>> Values, Exception? Error);
