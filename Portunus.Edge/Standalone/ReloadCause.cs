namespace Portunus.Edge.Standalone;

/// <summary>Why the rule file is read again.</summary>
internal enum ReloadCause
{
    /// <summary>SIGHUP: somebody asks for it, so it is read whatever it looks like.</summary>
    Hangup,

    /// <summary>The file on disk is another one.</summary>
    FileChanged,
}
