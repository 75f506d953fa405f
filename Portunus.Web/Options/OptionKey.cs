namespace Portunus.Web.Options;

/// <summary>A key of server.toml, which is a flag and a variable as well.</summary>
/// <param name="Name">As server.toml spells it.</param>
/// <param name="Value">What stands for its value in the help.</param>
/// <param name="Summary">One line for people, with the default in brackets.</param>
internal sealed record OptionKey(string Name, string Value, string Summary);
