using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Kit;

/// <summary>Actors as sign-in would make them.</summary>
internal static class SampleActors
{
    /// <summary>The account itself, by a token that may write.</summary>
    public static Actor AsActor(this Account account) => new()
    {
        Id = account.Id,
        Name = account.UserName!,
        Role = account.Role,
        Via = "token",
        RemoteAddress = "192.0.2.99",
        RequestId = "request-1",
    };
}
