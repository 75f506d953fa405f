using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Portunus.Web.Scrape;

/// <summary>Where metrics are served: what was asked for, and once it listens the port that the kernel chose.</summary>
internal sealed class MetricsListener(IPEndPoint asked)
{
    private ListenOptions? _listen;

    public IPEndPoint Address => Volatile.Read(ref _listen)?.IPEndPoint ?? asked;

    /// <summary>The web server's options of it.</summary>
    public void Use(ListenOptions listen) => Volatile.Write(ref _listen, listen);
}
