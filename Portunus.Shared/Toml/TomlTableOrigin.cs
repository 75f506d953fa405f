namespace Portunus.Shared.Toml;

/// <summary>How a table came to be.</summary>
internal enum TomlTableOrigin
{
    /// <summary>On the way to a header further down; its own header may still follow.</summary>
    Implied,

    /// <summary>By its own header.</summary>
    Header,

    /// <summary>By a dotted key.</summary>
    Dotted,

    /// <summary>In braces; closed for ever.</summary>
    Inline,
}
