namespace Portunus.Tests.Kit;

/// <summary>
/// A test that runs an engine as a user without rights (what binds nobody else does not bind root), and is skipped, saying so,
/// where it cannot become one.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnprivilegedFactAttribute : FactAttribute
{
    /// <summary>setpriv and its arguments: user and group "nobody", no capability.</summary>
    public static readonly string[] Wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--ambient-caps=-all"];

    /// <summary>The same with the one capability that low ports need.</summary>
    public static readonly string[] WrapperWithLowPorts =
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"];

    public UnprivilegedFactAttribute() => Skip = s_reason.Value;

    private static readonly Lazy<string?> s_reason = new(Reason);

    private static string? Reason()
    {
        if (Environment.UserName != "root")
        {
            return "only root can start an engine as another user";
        }

        if (!File.Exists("/usr/bin/setpriv"))
        {
            return "setpriv is not installed";
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if ((File.GetUnixFileMode(folder.FullName) & UnixFileMode.OtherExecute) == UnixFileMode.None)
            {
                return $"other users may not enter {folder.FullName}";
            }
        }

        return null;
    }
}
