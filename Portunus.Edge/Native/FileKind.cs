namespace Portunus.Edge.Native;

/// <summary>What a path names, as far as somebody about to bind a socket there has to know.</summary>
internal enum FileKind
{
    Absent,
    Socket,

    /// <summary>A file, a folder, a symbolic link: not ours to replace.</summary>
    Other,
}
