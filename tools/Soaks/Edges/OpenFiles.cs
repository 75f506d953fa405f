using System.Globalization;

namespace Portunus.Soaks.Edges;

/// <summary>The descriptors of a process, as proc(5) shows them from outside.</summary>
/// <param name="Pipes">Ends of pipes. The edge keeps some empty pipes open to use again.</param>
/// <param name="Others">Everything else: sockets, epoll instances, files; but not the assemblies of the program.</param>
internal readonly record struct OpenFiles(int Pipes, int Others)
{
    public static OpenFiles Of(int process)
    {
        var (pipes, others) = (0, 0);
        var program = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/exe")).LinkTarget;
        foreach (var entry in new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).EnumerateFileSystemInfos())
        {
            switch (entry.LinkTarget)
            {
                case null:
                    // Closed between the listing and the look.
                    break;
                case var link when link.StartsWith("pipe:", StringComparison.Ordinal):
                    pipes++;
                    break;
                case var link when link.EndsWith(".dll", StringComparison.Ordinal) || link == program:
                    // The runtime keeps an assembly open from its first use on; in a program of one file they are all in it.
                    break;
                default:
                    others++;
                    break;
            }
        }

        return new OpenFiles(pipes, others);
    }
}
