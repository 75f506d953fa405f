namespace Portunus.Edge.Options;

/// <summary>What <c>--help</c> prints.</summary>
internal static class UsageText
{
    /// <summary>The one line that goes with a refusal.</summary>
    public const string Short = "Try: portunus-edge --help";

    public const string Full =
        """
        portunus-edge: forwards TCP and UDP ports to other hosts

        Usage
          portunus-edge --standalone [FILE]    forward by the rules of FILE
          portunus-edge enroll LINE            become an edge of the control plane that printed LINE
          portunus-edge run                    forward by the plans of that control plane
          portunus-edge check [FILE]           print every problem of FILE, bind nothing
          portunus-edge stats                  show live traffic of a running edge
          portunus-edge --help | --version

          FILE is ./portunus.toml when it is not named. -c FILE and --config FILE name it too.

        Flags
          --log-level LEVEL      trace, debug, info (default), warn or error
          --log-format FORMAT    text (default) or json; one event a line, to standard error
          --stats-socket PATH    where the stats socket is made, or read by stats
          --no-stats             make no stats socket
          --once                 with stats: print one JSON document and end
          --out PATH             with enroll: where the credentials are kept
          --force                with enroll: replace credentials that are there
          --credentials PATH     with run: the file that enroll made
          --state-dir PATH       with run: where plan and counters are kept

        Environment
          PORTUNUS_CONFIG, PORTUNUS_LOG_LEVEL, PORTUNUS_LOG_FORMAT, PORTUNUS_STATS_SOCKET,
          PORTUNUS_EDGE_CREDENTIALS, PORTUNUS_ENROLL_URI (a line to enrol by when there are no credentials)
          A flag wins over the environment, the environment over the file.

        Signals
          SIGHUP                 read the file again (a changed file is noticed within seconds without it)
          SIGTERM, SIGINT        stop listening, let flows finish for shutdown_drain_secs; a second one cuts them

        Exit codes
          0  stopped by a signal; the file is in order; the answer was printed
          1  not one rule could listen at start, or the work could not be done and may be tried again
          2  the command line, the environment, the file or the enrolment line is wrong
        """;
}
