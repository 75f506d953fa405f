using System.Globalization;

namespace Portunus.Web.Api;

/// <summary>Times as RFC 3339 spells them, with their offset.</summary>
internal static class ApiTime
{
    /// <summary>The instant, or null for what is no time or has no offset.</summary>
    public static DateTimeOffset? Parse(string text) =>
        text.Length >= 20 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
