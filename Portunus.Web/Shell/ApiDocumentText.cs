using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portunus.Web.Shell;

/// <summary>
/// The document as it is sent. It is made once: it does not change while the program runs, and making it costs so much that strangers
/// must not ask for it again and again.
/// </summary>
internal sealed class ApiDocumentText([FromKeyedServices("v1")] IOpenApiDocumentProvider provider)
{
    private byte[]? _text;

    public async Task<byte[]> GetAsync(CancellationToken cancel)
    {
        if (_text is { } known)
        {
            return known;
        }

        var document = await provider.GetOpenApiDocumentAsync(cancel);
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1, cancel);
        return _text = text.ToArray();
    }
}
