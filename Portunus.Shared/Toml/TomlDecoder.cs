using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Portunus.Shared.Toml;

/// <summary>UTF-8 bytes to text, with the place of the first byte that is none.</summary>
internal static class TomlDecoder
{
    /// <summary>The text without its byte order mark, or the error.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out TomlError? error)
    {
        utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (Utf8.IsValid(utf8))
        {
            text = Encoding.UTF8.GetString(utf8);
            error = null;
            return true;
        }

        text = null;
        error = new TomlError("The file must be UTF-8; the bytes here are not.", FirstFault(utf8));
        return false;
    }

    private static TomlPlace FirstFault(ReadOnlySpan<byte> utf8)
    {
        var (line, column) = (1, 1);
        while (Rune.DecodeFromUtf8(utf8, out var rune, out var length) == OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
            utf8 = utf8[length..];
        }

        return new TomlPlace(line, column);
    }
}
