using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Portunus.Shared.Rules;

namespace Portunus.Shared.Json;

/// <summary>Foreign JSON (RFC 8259), read so that nothing asked of it afterwards throws.</summary>
public static class JsonText
{
    /// <summary>The deepest nesting that is read; rules need four.</summary>
    public const int MaxDepth = 16;

    /// <summary>The code of text that is no JSON.</summary>
    public const string Malformed = "malformed_body";

    /// <summary>
    /// Reads one value. Text that is not JSON, not UTF-8, nested too deeply, or that spells half a surrogate pair is refused
    /// with a problem whose sentence gives line and byte.
    /// </summary>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out RuleProblem? problem)
    {
        document = null;
        if (!Utf8.IsValid(utf8.Span))
        {
            problem = new RuleProblem(Malformed, "", "The text is not valid UTF-8.");
            return false;
        }

        try
        {
            if (!AreEscapesCharacters(utf8.Span))
            {
                problem = new RuleProblem(Malformed, "", "The text has an escape such as \\ud800 that is half a character.");
                return false;
            }

            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
            problem = null;
            return true;
        }
        catch (JsonException wrong)
        {
            problem = new RuleProblem(Malformed, "", utf8.IsEmpty
                ? "The text is empty where JSON is expected."
                : $"The text is not JSON from line {(wrong.LineNumber ?? 0) + 1}, byte {(wrong.BytePositionInLine ?? 0) + 1} on, or is nested more than {MaxDepth} deep.");
            return false;
        }
    }

    /// <summary>The reader's own unescaping throws on a lone surrogate, and a document does so only when its strings are asked for.</summary>
    private static bool AreEscapesCharacters(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped)
            {
                continue;
            }

            var room = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            try
            {
                _ = reader.CopyString(room);
            }
            catch (InvalidOperationException)
            {
                return false;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(room);
            }
        }

        return true;
    }
}
