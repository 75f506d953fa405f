using Microsoft.AspNetCore.Http.Features;

namespace Portunus.Web.Shell;

/// <summary>
/// HEAD wherever there is GET (RFC 9110, 9.3.2): the route runs as for GET up to the first byte of its body. Then everything that the
/// answer says is known, and the rest is not made: an export or an endless stream costs no more than its first line.
/// </summary>
internal sealed class HeadRequests(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await next(http);
            return;
        }

        var isCut = false;
        var body = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new NoBody(), body));
        http.Request.Method = HttpMethods.Get;
        try
        {
            await next(http);
        }
        catch (BodyBegins)
        {
            // What was to be told is told.
            isCut = true;
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
            http.Features.Set(body);
        }

        // Where nobody answered yet, whoever does so for GET does it here.
        if (isCut)
        {
            await http.Response.StartAsync(http.RequestAborted);
        }
    }

    /// <summary>The first byte of a body that nobody asked for.</summary>
    private sealed class BodyBegins : Exception;

    private sealed class NoBody : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new BodyBegins();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromException(new BodyBegins());
    }
}
