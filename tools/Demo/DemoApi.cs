using System.Net.Http.Json;
using System.Text.Json;

namespace Portunus.Demo;

/// <summary>The control plane's REST API, as far as the demo needs it.</summary>
internal sealed class DemoApi(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    public void Dispose() => _http.Dispose();

    /// <summary>The first superadmin, a sign-in, and a token of its own; from then on calls are made with that.</summary>
    public async Task<string> SetUpAsync(string setupToken, string name, string password, CancellationToken cancel)
    {
        await PostAsync("auth/setup", new { setup_token = setupToken, name, password }, cancel);
        await PostAsync("auth/sign-in", new { name, password }, cancel);
        _http.DefaultRequestHeaders.Add("X-Portunus-CSRF", "1");
        var token = await PostAsync("me/tokens", new { name = "demo", scope = "write", expires_at = DateTimeOffset.UtcNow.AddDays(1) }, cancel);
        var secret = Text(token, "secret");
        _http.DefaultRequestHeaders.Add("Authorization", $"Bearer {secret}");
        return secret;
    }

    public async Task<JsonElement> PostAsync(string route, object body, CancellationToken cancel)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri($"/v1/{route}", UriKind.Relative), body, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        if (!answer.IsSuccessStatusCode)
        {
            throw new DemoFailure($"POST /v1/{route} answered {(int)answer.StatusCode}: {text}");
        }

        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public static string Text(JsonElement value, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                throw new DemoFailure($"The control plane's answer has no {name}.");
            }
        }

        return value.ToString();
    }
}
