namespace Portunus.Load.Datagrams;

/// <summary>A thread of the load. It comes before the forwarders on a CPU, as a wire and a far machine would.</summary>
internal static class LoadThread
{
    public static Task RunAsync(string name, int nice, Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                DatagramCalls.PrepareThread(nice);
                body();
                done.SetResult();
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return done.Task;
    }
}
