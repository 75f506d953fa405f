namespace Portunus.Web.Options;

/// <summary>How one event is written on its line.</summary>
internal enum LogFormat
{
    /// <summary>For people: time, level, sentence.</summary>
    Text,

    /// <summary>For programs: one JSON object.</summary>
    Json,
}
