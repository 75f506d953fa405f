namespace Portunus.Web.Audit;

/// <summary>What an entry is about.</summary>
/// <param name="Kind"><c>rule</c>, <c>grant</c>, <c>account</c>, <c>edge</c> …</param>
/// <param name="Id">Its id as text; empty where it has none, or none yet.</param>
/// <param name="Name">What people called it then.</param>
internal sealed record AuditSubject(string Kind, string Id = "", string Name = "");
