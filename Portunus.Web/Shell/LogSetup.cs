using Portunus.Web.Accounts;
using Portunus.Web.Options;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Portunus.Web.Shell;

/// <summary>Logs go to standard error, one event a line; standard output is for what was asked for.</summary>
internal static class LogSetup
{
    private const int HostedServiceStartupFaulted = 11;

    public static void UsePortunusLog(this ILoggingBuilder logging, LogLevel level, LogFormat format, TextWriter output)
    {
        var least = level switch
        {
            LogLevel.Trace => LogEventLevel.Verbose,
            LogLevel.Debug => LogEventLevel.Debug,
            LogLevel.Warning => LogEventLevel.Warning,
            LogLevel.Error or LogLevel.Critical => LogEventLevel.Error,
            _ => LogEventLevel.Information,
        };
        // The framework tells at information level what our own lines tell better; its warnings count.
        var framework = least == LogEventLevel.Verbose ? LogEventLevel.Verbose : least < LogEventLevel.Warning ? LogEventLevel.Warning : least;
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(least)
            .MinimumLevel.Override("Microsoft", framework)
            .MinimumLevel.Override("System", framework)
            // Keys lie in the clear in a folder that nobody else can open, as everything in the data directory does.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)
            // The framework speaks through this type for every request that nobody signed.
            .MinimumLevel.Override(typeof(CredentialHandler).FullName ?? "", framework)
            .Filter.ByExcluding(IsToldAlready)
            .Enrich.FromLogContext()
            .WriteTo.Sink(new WriterSink(new LogLines(format == LogFormat.Json), output))
            .CreateLogger();
        logging.ClearProviders();
        logging.AddSerilog(logger, dispose: true);
        logging.SetMinimumLevel(LogLevel.Trace);
    }

    /// <summary>The host's own cry, with a stack, that it did not start: why not is told in one sentence by whoever started it.</summary>
    private static bool IsToldAlready(LogEvent one) =>
        one.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source) && source is ScalarValue { Value: "Microsoft.Extensions.Hosting.Internal.Host" }
        && one.Properties.TryGetValue("EventId", out var id) && id is StructureValue value
        && value.Properties.Any(part => part.Name == "Id" && part.Value is ScalarValue { Value: HostedServiceStartupFaulted });

    private sealed class WriterSink(LogLines lines, TextWriter output) : ILogEventSink
    {
        private readonly Lock _lock = new();

        public void Emit(LogEvent logEvent)
        {
            using var text = new StringWriter();
            lines.Format(logEvent, text);
            lock (_lock)
            {
                output.Write(text.ToString());
                output.Flush();
            }
        }
    }
}
