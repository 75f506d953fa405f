using System.Text.Json;
using Portunus.Edge.Options;
using Portunus.Shared.Link;

namespace Portunus.Edge.Link;

/// <summary>The verb <c>enroll</c>: makes this machine an edge.</summary>
internal static class EnrollCommand
{
    /// <summary>
    /// Answers the exit code. Whatever can be seen to be wrong here is told before the code is spent.
    /// </summary>
    public static async Task<int> RunAsync(CommandLine asked, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        var line = asked.EnrollUri ?? throw new InvalidOperationException("no line to enrol with");
        var file = new CredentialsFile(asked.Credentials ?? CredentialsFile.DefaultPlace(Environment.GetEnvironmentVariable));
        if (file.Exists && !asked.Force)
        {
            await errors.WriteLineAsync($"{file.Path} is there already: this machine is an edge. --force replaces it; the code was not used.");
            return ExitCode.Asked;
        }

        var answer = await EnrollAsync(line, file, cancel);
        if (answer.Credentials is not { } credentials)
        {
            await errors.WriteLineAsync(answer.Problem);
            return answer.MayTryAgain ? ExitCode.Failed : ExitCode.Asked;
        }

        await output.WriteLineAsync($"This machine is the edge {credentials.Name} ({credentials.Edge}) now; its credentials are in {file.Path}.");
        await output.WriteLineAsync("It forwards with: portunus-edge run");
        return ExitCode.Done;
    }

    /// <summary>Spends the code of a line for credentials in a file, or says why there are none.</summary>
    public static async Task<EnrollAnswer> EnrollAsync(EnrollUri line, CredentialsFile file, CancellationToken cancel)
    {
        PreparedFile prepared;
        try
        {
            prepared = file.Prepare();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new EnrollAnswer(null, $"Credentials cannot be kept at {file.Path}: {error.Message} The code was not used.", MayTryAgain: false);
        }

        using (prepared)
        {
            var answer = await Enroller.RedeemAsync(line, Environment.MachineName, cancel);
            if (answer.Credentials is not { } credentials)
            {
                return answer;
            }

            try
            {
                prepared.Commit(JsonSerializer.SerializeToUtf8Bytes(credentials, CredentialsJson.Default.EdgeCredentials));
                return answer;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return new EnrollAnswer(
                    null, $"The credentials could not be written to {file.Path}: {error.Message} The code is spent; ask for another.", MayTryAgain: false);
            }
        }
    }
}
