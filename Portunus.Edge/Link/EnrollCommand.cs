using System.Text.Json;
using Portunus.Edge.Options;

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

        PreparedFile prepared;
        try
        {
            prepared = file.Prepare();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"Credentials cannot be kept at {file.Path}: {error.Message} The code was not used.");
            return ExitCode.Asked;
        }

        using (prepared)
        {
            var answer = await Enroller.RedeemAsync(line, Environment.MachineName, cancel);
            if (answer.Credentials is not { } credentials)
            {
                await errors.WriteLineAsync(answer.Problem);
                return answer.MayTryAgain ? ExitCode.Failed : ExitCode.Asked;
            }

            try
            {
                prepared.Commit(JsonSerializer.SerializeToUtf8Bytes(credentials, CredentialsJson.Default.EdgeCredentials));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                await errors.WriteLineAsync($"The credentials could not be written to {file.Path}: {error.Message} The code is spent; ask for another.");
                return ExitCode.Failed;
            }

            await output.WriteLineAsync($"This machine is the edge {credentials.Name} ({credentials.Edge}) now; its credentials are in {file.Path}.");
            await output.WriteLineAsync("It forwards with: portunus-edge run");
            return ExitCode.Done;
        }
    }
}
