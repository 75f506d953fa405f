using Microsoft.Extensions.Logging;
using Portunus.Shared.Ids;

namespace Portunus.Edge.Standalone;

/// <summary>Ids 1600–1649.</summary>
internal static partial class StandaloneLog
{
    [LoggerMessage(1600, LogLevel.Information, "portunus-edge {Version} starts with the {Rules} rules of {File}")]
    public static partial void Starts(this ILogger logger, string version, int rules, string file);

    [LoggerMessage(1601, LogLevel.Information, "{Listening} of {Rules} enabled rules listen")]
    public static partial void AllListen(this ILogger logger, int listening, int rules);

    [LoggerMessage(1602, LogLevel.Warning, "{Listening} of {Rules} enabled rules listen; the {Refused} refused are tried again and again")]
    public static partial void SomeListen(this ILogger logger, int listening, int rules, int refused);

    [LoggerMessage(1603, LogLevel.Error, "Not one of {Rules} enabled rules could listen")]
    public static partial void NoneListens(this ILogger logger, int rules);

    [LoggerMessage(1604, LogLevel.Information, "The file {File} is read again because {Cause}")]
    public static partial void Reloads(this ILogger logger, string file, string cause);

    [LoggerMessage(1605, LogLevel.Information, "The file {File} is in force: {Added} rules added, {Changed} changed, {Removed} removed, {Untouched} untouched")]
    public static partial void Reloaded(this ILogger logger, string file, int added, int changed, int removed, int untouched);

    [LoggerMessage(1606, LogLevel.Error, "The file {File} is not used and the running rules stay; problems: {Problems}")]
    public static partial void ReloadRefused(this ILogger logger, string file, int problems);

    [LoggerMessage(1607, LogLevel.Error, "{File}:{Line}:{Column}: {Code}: {Text}")]
    public static partial void FileProblem(this ILogger logger, string file, int line, int column, string code, string text);

    [LoggerMessage(1619, LogLevel.Error, "{File}: {Code}: {Text}")]
    public static partial void FileUnusable(this ILogger logger, string file, string code, string text);

    [LoggerMessage(1608, LogLevel.Warning, "{File}:{Line}:{Column}: {Code}: {Text}")]
    public static partial void FileWarning(this ILogger logger, string file, int line, int column, string code, string text);

    [LoggerMessage(1609, LogLevel.Warning, "The file {File} is gone; the running rules stay")]
    public static partial void FileGone(this ILogger logger, string file);

    [LoggerMessage(1610, LogLevel.Debug, "The file {File} was touched and says what it said")]
    public static partial void FileTouched(this ILogger logger, string file);

    [LoggerMessage(1617, LogLevel.Information, "Rule {Name} ({Rule}) in the last {Seconds} s: {BytesIn} bytes in, {BytesOut} bytes out, {FlowsOpened} flows opened, {FlowsActive} open; refused: {Refused}")]
    public static partial void RuleInterval(
        this ILogger logger, string name, RuleId rule, int seconds, long bytesIn, long bytesOut, long flowsOpened, long flowsActive, string refused);

    [LoggerMessage(1620, LogLevel.Information, "Rule {Name} ({Rule}) in the last {Seconds} s: {BytesIn} bytes in {DatagramsIn} datagrams in, {BytesOut} bytes in {DatagramsOut} datagrams out, {FlowsOpened} flows opened, {FlowsActive} open; dropped in: {DroppedIn}; dropped out: {DroppedOut}")]
    public static partial void DatagramInterval(
        this ILogger logger,
        string name,
        RuleId rule,
        int seconds,
        long bytesIn,
        long datagramsIn,
        long bytesOut,
        long datagramsOut,
        long flowsOpened,
        long flowsActive,
        string droppedIn,
        string droppedOut);

    [LoggerMessage(1621, LogLevel.Information, "Rule {Name} ({Rule}) since the start: {BytesIn} bytes in {DatagramsIn} datagrams in, {BytesOut} bytes in {DatagramsOut} datagrams out, {FlowsOpened} flows opened, {FlowsActive} open; dropped in: {DroppedIn}; dropped out: {DroppedOut}")]
    public static partial void DatagramTotals(
        this ILogger logger,
        string name,
        RuleId rule,
        long bytesIn,
        long datagramsIn,
        long bytesOut,
        long datagramsOut,
        long flowsOpened,
        long flowsActive,
        string droppedIn,
        string droppedOut);

    [LoggerMessage(1618, LogLevel.Information, "Rule {Name} ({Rule}) since the start: {BytesIn} bytes in, {BytesOut} bytes out, {FlowsOpened} flows opened, {FlowsActive} open; refused: {Refused}")]
    public static partial void RuleTotals(
        this ILogger logger, string name, RuleId rule, long bytesIn, long bytesOut, long flowsOpened, long flowsActive, string refused);
}
