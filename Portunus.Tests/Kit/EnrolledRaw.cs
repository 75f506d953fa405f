using System.Net.Http.Json;
using System.Text.Json;
using Portunus.Shared.Link;

namespace Portunus.Tests.Kit;

/// <summary>An edge of a running control plane, enrolled by hand.</summary>
internal sealed record EnrolledRaw(string Edge, string Credential)
{
    public static async Task<EnrolledRaw> NewAsync(WebCaller root, Uri link, string name) =>
        await AgainAsync(root, link, (await root.PostAsync("/v1/edges", new { name }))["id"]);

    /// <summary>Enrols an edge that is there.</summary>
    public static async Task<EnrolledRaw> AgainAsync(WebCaller root, Uri link, string edge)
    {
        var code = await root.PostAsync($"/v1/edges/{edge}/enrolments");
        Assert.True(code.Status == 201, code.Text);
        using var http = RunningWeb.AnyHttps();
        using var answer = await http.PostAsJsonAsync(new Uri(link, LinkRoutes.Enroll), new { code = code["code"], host = "raw", version = "1.2.3" });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == 200, text);
        return new EnrolledRaw(edge, JsonSerializer.Deserialize(text, LinkJson.Default.EnrollReply)!.Credential);
    }
}
