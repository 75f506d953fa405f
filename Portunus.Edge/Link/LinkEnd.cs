using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>How a connection, or a try to have one, ended.</summary>
/// <param name="Reason">The rest of a sentence that ends in "because".</param>
/// <param name="IsRevoked">This edge is no edge any more.</param>
/// <param name="HasStood">There was a welcome before.</param>
internal sealed record LinkEnd(string Reason, bool IsRevoked, bool HasStood)
{
    /// <summary>Something went wrong on the way.</summary>
    public static LinkEnd Broken(Exception? error, bool hasStood) => new(
        error switch
        {
            null => "the control plane closed it",
            TimeoutException => "the other side has been silent for too long",
            _ => error.Message.TrimEnd('.'),
        },
        IsRevoked: false,
        hasStood);

    /// <summary>The control plane has said why: a word of <see cref="LinkClosing"/>, or one of a later version.</summary>
    public static LinkEnd Closed(string word, bool hasStood) => new(
        word switch
        {
            LinkClosing.Revoked => "this edge is revoked",
            LinkClosing.Replaced => "a newer connection of this edge has taken over",
            LinkClosing.Superseded => "this machine's credential was replaced by a later enrolment",
            LinkClosing.ShuttingDown => "the control plane goes down",
            LinkClosing.VersionNotSpoken => "the control plane does not speak this edge's version",
            _ => "the control plane closes it",
        },
        word == LinkClosing.Revoked,
        hasStood);
}
