using Portunus.Shared.Link;

namespace Portunus.Web.Link;

/// <summary>Events 2500–2599.</summary>
internal static partial class LinkLog
{
    [LoggerMessage(2500, LogLevel.Information, "Edges connect to {Address}; the pin is {Pin}")]
    public static partial void Listens(ILogger log, string address, ServerPin pin);
}
