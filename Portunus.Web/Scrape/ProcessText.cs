using System.Diagnostics;
using Portunus.Shared.Metrics;
using Portunus.Web.Options;
using Portunus.Web.Traffic;

namespace Portunus.Web.Scrape;

/// <summary>The control plane's own process as Prometheus reads it.</summary>
internal static class ProcessText
{
    public static void Write(MetricLines lines, LedgerWriter ledger, long storeBytes)
    {
        using var process = Process.GetCurrentProcess();
        lines.Family("portunus_web_build_info", "gauge", "Always 1; the label is the version of the control plane.");
        lines.Line(1L, ("version", WebVersion.Text));
        lines.Family("portunus_web_start_time_seconds", "gauge", "When the control plane started, in seconds since 1970.");
        lines.Line(new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0);
        lines.Family("portunus_web_cpu_seconds_total", "counter", "Processor time that the control plane has used.");
        lines.Line(process.TotalProcessorTime.TotalSeconds);
        lines.Family("portunus_web_resident_memory_bytes", "gauge", "Resident memory of the control plane.");
        lines.Line(process.WorkingSet64);
        lines.Family("portunus_web_collections_total", "counter", "Garbage collections of the control plane.");
        lines.Line((long)GC.CollectionCount(0));
        lines.Family("portunus_web_store_bytes", "gauge", "Size of the store's files.");
        lines.Line(storeBytes);
        lines.Family("portunus_web_ledger_rows_written_total", "counter", "Rows of the ledger that were made durable.");
        lines.Line(ledger.Written);
        lines.Family("portunus_web_ledger_failures_total", "counter", "Times that counters could not be made durable.");
        lines.Line(ledger.Failures);
    }
}
