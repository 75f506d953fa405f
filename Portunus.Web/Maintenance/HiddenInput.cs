using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>
/// Lines that a terminal does not show. Its echo is off from before the first prompt until this is disposed: what is typed ahead or
/// pasted is not shown either, as it would be between two keys that are read one by one.
/// </summary>
internal sealed class HiddenInput : IDisposable
{
    /// <summary>Read by itself: the console's reader shows on its own what the terminal does not.</summary>
    private const string Terminal = "/dev/tty";

    private readonly StreamReader _reader;
    private readonly List<PosixSignalRegistration> _signals = [];

    /// <exception cref="MaintenanceRefusal">There is no terminal, or none whose echo can be turned off.</exception>
    public HiddenInput()
    {
        if (Console.IsInputRedirected || !TrySet("-echo"))
        {
            throw new MaintenanceRefusal($"A passphrase is needed and cannot be asked for without showing it: give it with {Passphrase.FileFlag} FILE or in {Passphrase.Variable}.", ExitCode.Asked);
        }

        _reader = new StreamReader(new FileStream(Terminal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), Encoding.UTF8);
        // Whoever breaks off gets the terminal back as it was.
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, _ => TrySet("echo")));
        }
    }

    public string Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var line = _reader.ReadLine();
        Console.Error.WriteLine();
        return line ?? "";
    }

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        TrySet("echo");
        _reader.Dispose();
    }

    private static bool TrySet(string echo)
    {
        try
        {
            // With nothing of its own on the terminal: the runtime puts that back as it was after a program that had it.
            using var stty = Process.Start(new ProcessStartInfo("stty", ["-F", Terminal, echo])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            stty?.WaitForExit();
            return stty?.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
