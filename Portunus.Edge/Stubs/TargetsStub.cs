using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
namespace Portunus.Edge.Targets;
internal interface INameWaiter { void NameReady(NameEntry entry); }
internal sealed class NameEntry { public IPAddress[]? Addresses => [IPAddress.Loopback]; public void Wait(INameWaiter w) { } }
internal sealed class NameRefresher : IAsyncDisposable { public NameRefresher(ResolverOptions o, TimeProvider t, ILogger<NameRefresher> l) { } public NameEntry Acquire(string h, bool p) => new(); public void Release(NameEntry e) { } public ValueTask DisposeAsync() => default; }

