namespace Portunus.Web.Maintenance;

/// <summary>Every command of the command line beside serving.</summary>
internal static class LocalVerbs
{
    public static IReadOnlyList<LocalVerb> All { get; } = [SetupTokenVerb.Verb, ResetPasswordVerb.Verb, AuditPruneVerb.Verb, EnrollVerb.Verb, RotateKeyVerb.Verb];
}
