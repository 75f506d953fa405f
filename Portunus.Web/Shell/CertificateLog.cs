namespace Portunus.Web.Shell;

/// <summary>What is told of the admin listener's certificate, ids 2920–2929.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(2920, LogLevel.Information, "The admin listener shows a new certificate for {Subject}, good until {Until:u}")]
    public static partial void Taken(ILogger logger, string subject, DateTime until);

    [LoggerMessage(2921, LogLevel.Warning, "The admin listener keeps its certificate: {Problem}")]
    public static partial void Refused(ILogger logger, string problem);

    [LoggerMessage(2922, LogLevel.Warning, "The admin listener keeps its certificate, the files cannot be read: {Reason}")]
    public static partial void Unreadable(ILogger logger, string reason);

    [LoggerMessage(2923, LogLevel.Warning, "{Complaint}")]
    public static partial void Complaint(ILogger logger, string complaint);
}
