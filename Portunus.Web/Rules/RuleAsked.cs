using Portunus.Shared.Ids;
using Portunus.Shared.Rules;

namespace Portunus.Web.Rules;

/// <summary>A rule as it is asked for.</summary>
/// <param name="Edge">Where.</param>
/// <param name="Owner">Whose; null for whoever asks. Only a superadmin may name another.</param>
/// <param name="Spec">What.</param>
internal sealed record RuleAsked(EdgeId Edge, AccountId? Owner, RuleSpec Spec);
