using System.Text;
using Portunus.Edge.Native;

namespace Portunus.Edge.Stats.View;

/// <summary>
/// The terminal while the view has it: the other screen, no cursor, each key at once. Disposing gives it back as it was,
/// which has to happen on every way out.
/// </summary>
internal sealed class TerminalScreen : IDisposable
{
    private const int Input = 0;
    private const int Output = 1;
    private const string Enter = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
    private const string Leave = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";

    private readonly byte[] _settings;
    private readonly bool _colour;
    private bool _isGivenBack;

    private TerminalScreen(byte[] settings, bool colour)
    {
        _settings = settings;
        _colour = colour;
        Take();
    }

    /// <summary>Columns and rows now.</summary>
    public static (int Width, int Height) Size => TerminalCalls.SizeOf(Output);

    /// <summary>Null where standard input or output is no terminal, or one that cannot move its cursor.</summary>
    public static TerminalScreen? Open(Func<string, string?> variable)
    {
        if (TerminalCalls.ReadSettings(Output) is null || TerminalCalls.ReadSettings(Input) is not { } settings || variable("TERM") is "dumb")
        {
            return null;
        }

        // no-color.org: present and not empty, whatever it says.
        return new TerminalScreen(settings, colour: variable("NO_COLOR") is null or "");
    }

    /// <summary>Takes the terminal, again after something else had it (a shell, after a stop and SIGCONT).</summary>
    public void Take()
    {
        TerminalCalls.SetRaw(Input, _settings);
        Write(Enter);
    }

    /// <summary>Replaces what is shown; false where the terminal has gone.</summary>
    public bool Show(IReadOnlyList<ScreenLine> lines, int width)
    {
        var frame = new StringBuilder("\u001b[H");
        for (var i = 0; i < lines.Count; i++)
        {
            // Erase first: after a full line the cursor still stands on its last cell.
            frame.Append(i > 0 ? "\r\n" : "").Append("\u001b[K").Append(lines[i].ToTerminal(width, _colour));
        }

        return Write(frame.Append("\u001b[J").ToString());
    }

    public void Dispose()
    {
        if (!_isGivenBack)
        {
            _isGivenBack = true;
            Write(Leave);
            TerminalCalls.Restore(Input, _settings);
        }
    }

    /// <summary>Reads what was typed within a tenth of a second; -1 when nothing more can be.</summary>
    public static int Read(Span<byte> buffer) => TerminalCalls.Read(Input, buffer, timeoutMs: 100);

    private static bool Write(string text) => TerminalCalls.Write(Output, Encoding.UTF8.GetBytes(text));
}
