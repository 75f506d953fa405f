using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>getrlimit(2), setrlimit(2): how many descriptors the process may have.</summary>
internal static unsafe partial class ProcessLimits
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE, the same on x64 and arm64

    /// <summary>Lifts the soft limit of open files to the hard one and answers the one in force; null where the kernel does not say.</summary>
    public static ulong? RaiseOpenFiles()
    {
        Limit limit;
        if (getrlimit(OpenFiles, &limit) != 0)
        {
            return null;
        }

        if (limit.Soft < limit.Hard)
        {
            var raised = new Limit { Soft = limit.Hard, Hard = limit.Hard };
            if (setrlimit(OpenFiles, &raised) == 0)
            {
                return raised.Soft;
            }
        }

        return limit.Soft;
    }

    /// <summary>The soft limit of open files; <see cref="ulong.MaxValue"/> without one (RLIM_INFINITY), null where the kernel does not say.</summary>
    public static ulong? OpenFileLimit()
    {
        Limit limit;
        return getrlimit(OpenFiles, &limit) == 0 ? limit.Soft : null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, Limit* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, Limit* limit);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
