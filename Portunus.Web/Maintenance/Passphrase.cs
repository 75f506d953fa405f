namespace Portunus.Web.Maintenance;

/// <summary>
/// Where the passphrase of a backup comes from: a file, the environment, or whoever sits at the terminal. Never the command line,
/// which every user of the machine can read.
/// </summary>
internal sealed class Passphrase(Func<string, string?> environment)
{
    public const string Variable = "PORTUNUS_BACKUP_PASSPHRASE";
    public const string FileFlag = "--passphrase-file";
    public const string AskFlag = "--encrypt";

    /// <summary>Characters. PBKDF2 slows guessing down by a factor; a short passphrase is guessed all the same.</summary>
    private const int MinLength = 12;

    /// <summary>For a new backup; null where none is wanted.</summary>
    public async Task<string?> ForSealingAsync(string? file, bool isAsked)
    {
        if (await GivenAsync(file) is not { } given)
        {
            if (!isAsked)
            {
                return null;
            }

            using var hidden = new HiddenInput();
            given = hidden.Ask("Passphrase: ");
            if (hidden.Ask("The same again: ") != given)
            {
                throw new MaintenanceRefusal("The two passphrases are not the same.", Options.ExitCode.Asked);
            }
        }

        return given.Length >= MinLength
            ? given
            : throw new MaintenanceRefusal($"The passphrase must have {MinLength} characters or more.", Options.ExitCode.Asked);
    }

    /// <summary>For a sealed one.</summary>
    public async Task<string> ForOpeningAsync(string? file)
    {
        if (await GivenAsync(file) is { } given)
        {
            return given;
        }

        using var hidden = new HiddenInput();
        return hidden.Ask("Passphrase of the backup: ");
    }

    private async Task<string?> GivenAsync(string? file)
    {
        if (file is null)
        {
            return environment(Variable) is { Length: > 0 } variable ? variable : null;
        }

        try
        {
            return (await File.ReadAllTextAsync(file)).TrimEnd('\r', '\n');
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceRefusal($"The passphrase cannot be read: {broken.Message}", Options.ExitCode.Asked);
        }
    }
}
