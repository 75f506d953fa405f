using Portunus.Shared.Ids;

namespace Portunus.Web.Link;

/// <summary>An edge that was let in: left on its request by authentication.</summary>
/// <param name="Edge">Which.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Hash">Of the credential it showed.</param>
/// <param name="Instance">One run of its process.</param>
/// <param name="From">Its address.</param>
internal sealed record LinkCaller(EdgeId Edge, string Name, byte[] Hash, string Instance, string From);
