using System.Net;

namespace Portunus.Edge.Link;

/// <summary>The control plane was reached, or whoever stands in its place, and there is no link.</summary>
internal sealed class LinkRefusal(string message, HttpStatusCode? status) : Exception(message)
{
    /// <summary>What was answered to the request for the hub; null where nothing was asked.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>The one answer that is final: this edge is no edge any more.</summary>
    public bool IsRevoked => Status == HttpStatusCode.Gone;
}
