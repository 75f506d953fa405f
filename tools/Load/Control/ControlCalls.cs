using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Portunus.Load.Control;

/// <summary>Calls of the control plane's API by one token.</summary>
internal sealed class ControlCalls : IDisposable
{
    private readonly HttpClient _http;

    public ControlCalls(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>An edge among the others, for questions about one.</summary>
    public string Edge { get; set; } = "";

    public Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    public Task<JsonElement> PostAsync(string path, object body, CancellationToken cancel) => SendAsync(HttpMethod.Post, path, body, cancel);

    public Task<JsonElement> PatchAsync(string path, object body, CancellationToken cancel) => SendAsync(HttpMethod.Patch, path, body, cancel);

    /// <summary>Makes something and answers its id. Where the rate of one address is used up, it waits as it is told to.</summary>
    public async Task<string> CreateAsync(string path, object body, CancellationToken cancel) =>
        (await SendAsync(HttpMethod.Post, path, body, cancel)).GetProperty("id").GetString() ?? "";

    /// <summary>Where the page after so many begins.</summary>
    public async Task<string> CursorAfterAsync(string path, int pages, CancellationToken cancel)
    {
        var cursor = "";
        for (var i = 0; i < pages; i++)
        {
            var page = await GetAsync(cursor.Length == 0 ? path : $"{path}&cursor={cursor}", cancel);
            if (page.GetProperty("next").GetString() is not { } next)
            {
                break;
            }

            cursor = Uri.EscapeDataString(next);
        }

        return cursor;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
                request.Headers.TryAddWithoutValidation("If-Match", "*");
            }

            using var response = await _http.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            if ((int)response.StatusCode == 429)
            {
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancel);
                continue;
            }

            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<JsonElement>(text)
                : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{method} {path}: {(int)response.StatusCode} {text}"));
        }
    }
}
