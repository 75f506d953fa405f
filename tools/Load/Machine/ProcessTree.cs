namespace Portunus.Load.Machine;

/// <summary>A process and all its descendants, from <c>/proc/PID/task/TID/children</c> (proc(5)).</summary>
internal static class ProcessTree
{
    public static IReadOnlyList<int> Of(int root)
    {
        var found = new List<int> { root };
        for (var index = 0; index < found.Count; index++)
        {
            foreach (var task in Tasks(found[index]))
            {
                found.AddRange(ReadChildren(Path.Combine(task, "children")));
            }
        }

        return found;
    }

    /// <summary>Folders of a process's threads; none when it is gone.</summary>
    public static string[] Tasks(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static IEnumerable<int> ReadChildren(string file)
    {
        try
        {
            return File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse).ToArray();
        }
        catch (IOException)
        {
            // The thread ended between the listing and the read; it has no children to speak of.
            return [];
        }
    }
}
