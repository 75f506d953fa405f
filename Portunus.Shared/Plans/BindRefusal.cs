namespace Portunus.Shared.Plans;

/// <summary>Why a rule could not listen.</summary>
public enum BindRefusal
{
    None,

    /// <summary>EADDRINUSE: another rule's or another program's socket holds the port.</summary>
    PortInUse,

    /// <summary>EACCES, EPERM: a port below 1024 without the capability, or a policy.</summary>
    NotPermitted,

    /// <summary>EADDRNOTAVAIL: the listen address is not on this machine.</summary>
    NoSuchAddress,

    /// <summary>EMFILE, ENFILE: out of descriptors.</summary>
    OutOfDescriptors,

    /// <summary>The edge does not serve a field of this rule.</summary>
    NotSupported,

    /// <summary>Anything else the kernel said.</summary>
    Other,
}
