using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using Portunus.Edge.Options;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>Turns the code of an enrolment line into credentials. Nothing is sent to a server that does not show the line's key.</summary>
internal sealed class Enroller
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const int MaxTextLength = 300;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<EnrollAnswer> RedeemAsync(EnrollUri line, string hostName, CancellationToken cancel)
    {
        var check = new PinCheck([line.Pin]);
        using var client = new HttpClient(check.Handler()) { Timeout = s_patience, MaxResponseContentBufferSize = MaxAnswerBytes };
        var place = $"{line.Bracketed}:{line.Port}";
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(
                new EnrollRequest(line.Code, hostName, EdgeVersion.Text), LinkJson.Default.EnrollRequest));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.PostAsync(new Uri($"https://{place}{LinkRoutes.Enroll}"), content, cancel);
            var body = await answer.Content.ReadAsByteArrayAsync(cancel);
            return answer.StatusCode == HttpStatusCode.OK ? Taken(line, body, place) : Refused(answer.StatusCode, body, place);
        }
        catch (HttpRequestException) when (check.Refused is { } shown)
        {
            return new EnrollAnswer(
                null,
                $"The server at {place} shows the key {shown}, which is not the one of the enrolment line. Nothing was sent to it.",
                MayTryAgain: false);
        }
        catch (HttpRequestException error) when (error.InnerException is AuthenticationException or IOException)
        {
            return Unreached($"The server at {place} cannot be spoken with over TLS: {error.InnerException.Message}");
        }
        catch (HttpRequestException error)
        {
            return Unreached($"The control plane at {place} cannot be reached: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Unreached($"The control plane at {place} did not answer within {s_patience.TotalSeconds} s.");
        }
    }

    private static EnrollAnswer Unreached(string sentence) => new(null, sentence, MayTryAgain: true);

    private static EnrollAnswer Taken(EnrollUri line, byte[] body, string place)
    {
        EnrollReply? reply;
        try
        {
            reply = JsonSerializer.Deserialize(body, LinkJson.Default.EnrollReply);
        }
        catch (JsonException)
        {
            reply = null;
        }

        if (reply is not { Credential.Length: > 0, Pins.Count: > 0 } || !EdgeId.TryParse(reply.Edge, out _)
            || reply.Credential.Any(character => character is <= ' ' or >= (char)127))
        {
            return new EnrollAnswer(null, $"The answer of {place} is not understood; the code may be spent.", MayTryAgain: false);
        }

        var credentials = new EdgeCredentials
        {
            Host = line.Host,
            Port = line.Port,
            Pins = reply.Pins,
            Edge = reply.Edge,
            Name = reply.Name ?? reply.Edge,
            Credential = reply.Credential,
        };
        return credentials.ReadPins().Count > 0
            ? new EnrollAnswer(credentials, "", MayTryAgain: false)
            : new EnrollAnswer(null, $"The answer of {place} names a pin that is none; the code may be spent.", MayTryAgain: false);
    }

    private static EnrollAnswer Refused(HttpStatusCode status, byte[] body, string place)
    {
        var (code, detail) = ReadProblem(body);
        var text = detail.Length > 0 ? detail : $"HTTP {(int)status}.";
        // Too many tries, or the server's own trouble: the code has not been judged.
        return (int)status is 408 or 429 or >= 500
            ? new EnrollAnswer(null, $"The control plane at {place} does not enrol now: {text}", MayTryAgain: true)
            : new EnrollAnswer(null, $"The control plane at {place} refuses the enrolment{(code.Length > 0 ? $" ({code})" : "")}: {text}", MayTryAgain: false);
    }

    /// <summary>The code and the sentence of a problem (RFC 9457); empty where the answer is no such thing.</summary>
    private static (string Code, string Detail) ReadProblem(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? (Text(document, "code"), Text(document, "detail")) : ("", "");
        }
        catch (JsonException)
        {
            return ("", "");
        }
    }

    /// <summary>Printable and short, whatever the server sent: it goes to a terminal.</summary>
    private static string Text(JsonDocument document, string name)
    {
        var text = document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
        return new string([.. text.Where(character => !char.IsControl(character)).Take(MaxTextLength)]);
    }
}
