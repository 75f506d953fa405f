using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Targets;

/// <summary>Ids 1300–1399.</summary>
internal static partial class TargetsLog
{
    [LoggerMessage(1300, LogLevel.Warning, "{Path} cannot be read ({Reason}); names are resolved by what it said before")]
    public static partial void FileUnreadable(this ILogger logger, string path, string reason);
}
