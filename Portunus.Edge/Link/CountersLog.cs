using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;

namespace Portunus.Edge.Link;

/// <summary>Ids 1570–1599.</summary>
internal static partial class CountersLog
{
    [LoggerMessage(1570, LogLevel.Error, "Counters are kept in memory alone and end with this process: {Path} cannot be had ({Reason})")]
    public static partial void CountersInMemory(this ILogger logger, string path, string reason);

    [LoggerMessage(1571, LogLevel.Error, "The counters of further rules are kept in memory alone: {Path} cannot grow ({Error})")]
    public static partial void CountersDoNotGrow(this ILogger logger, string path, Errno error);

    [LoggerMessage(1572, LogLevel.Error, "Counters of an earlier run in {Path} are not told and set aside: {Reason}")]
    public static partial void CountersSetAside(this ILogger logger, string path, string reason);

    [LoggerMessage(1573, LogLevel.Error, "{Records} damaged records in {Path} are left out of the last counters of an earlier run")]
    public static partial void CountersDamaged(this ILogger logger, string path, int records);

    [LoggerMessage(1574, LogLevel.Error, "Counters of earlier runs cannot be read or written: {Path}: {Reason}")]
    public static partial void CountersNotRead(this ILogger logger, string path, string reason);

    [LoggerMessage(1575, LogLevel.Error, "The last counters of run {Boot} ({Rules} rules, {Bytes} bytes) are given up: more than {Most} earlier runs were told and never kept")]
    public static partial void CountersGivenUp(this ILogger logger, Guid boot, int rules, long bytes, int most);
}
