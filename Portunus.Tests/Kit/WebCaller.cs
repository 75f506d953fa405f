using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Portunus.Tests.Kit;

/// <summary>What the API answered.</summary>
internal sealed record WebAnswer(int Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;

    /// <summary>The stable code of a refusal.</summary>
    public string Code => Body.GetProperty("code").GetString() ?? "";

    /// <summary>Code and field of every error.</summary>
    public IReadOnlyList<(string Code, string Field)> Errors =>
        [.. Body.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("code").GetString()!, error.GetProperty("field").GetString()!))];

    public string? ETag => Headers.ETag?.Tag;

    public string SetCookie => Headers.GetValues("Set-Cookie").Single();

    public string Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    public string this[string field] => Body.GetProperty(field).ToString();
}

/// <summary>Somebody who calls the API over a real connection, with a credential or without.</summary>
/// <param name="address">Of the control plane.</param>
/// <param name="token">Sent as a bearer.</param>
/// <param name="cookie">Of a browser.</param>
/// <param name="http">What connects, where that is not from here.</param>
internal sealed class WebCaller(Uri address, string? token = null, string? cookie = null, HttpClient? http = null)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    /// <summary>Sent with every request.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    public string? Token => token;

    public WebCaller WithToken(string secret) => new(address, secret, cookie, http);

    /// <param name="setCookie">As the answer to a sign-in spelled it.</param>
    public WebCaller WithCookie(string setCookie) => new(address, token, setCookie.Split(';')[0], http);

    public WebCaller With(string header, string value)
    {
        var other = new WebCaller(address, token, cookie, http);
        foreach (var (name, known) in Headers)
        {
            other.Headers[name] = known;
        }

        other.Headers[header] = value;
        return other;
    }

    public Task<WebAnswer> GetAsync(string path) => SendAsync("GET", path);

    public Task<WebAnswer> PostAsync(string path, object? body = null) => SendAsync("POST", path, body ?? new { });

    public Task<WebAnswer> PutAsync(string path, object body) => SendAsync("PUT", path, body);

    public Task<WebAnswer> PatchAsync(string path, object body, string? ifMatch = "*") => SendAsync("PATCH", path, body, ifMatch);

    public Task<WebAnswer> DeleteAsync(string path, string? ifMatch = null) => SendAsync("DELETE", path, null, ifMatch);

    /// <param name="method">Of HTTP.</param>
    /// <param name="path">With its query.</param>
    /// <param name="body">Text or content as it is, or an object that becomes JSON.</param>
    /// <param name="ifMatch">Null sends none.</param>
    public async Task<WebAnswer> SendAsync(string method, string path, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path));
        if (body is not null)
        {
            request.Content = body as HttpContent ?? new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
            if (!Headers.ContainsKey("X-Portunus-CSRF"))
            {
                request.Headers.TryAddWithoutValidation("X-Portunus-CSRF", "1");
            }
        }

        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await (http ?? s_http).SendAsync(request);
        return new WebAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers, answer.Content.Headers);
    }
}
