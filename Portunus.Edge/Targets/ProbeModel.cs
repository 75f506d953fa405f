using Portunus.Shared.Rules;

namespace Portunus.Edge.Targets;

/// <summary>What the targets of one revision of a rule are probed with. Compared by value: the same again changes nothing.</summary>
/// <param name="Kind">connect, dns, stun, ntp or raw.</param>
/// <param name="Interval">From one probe of a target to the next, give or take a tenth.</param>
/// <param name="Timeout">For each address of the target.</param>
/// <param name="Rise">Answers in a row that bring a target up.</param>
/// <param name="Fall">Failures in a row that take it down.</param>
/// <param name="Send">Hex, for raw.</param>
/// <param name="Expect">Hex, for raw; empty: any answer does.</param>
/// <param name="Guard">Says which addresses must not be probed; null: none.</param>
internal sealed record ProbeModel(string Kind, TimeSpan Interval, TimeSpan Timeout, int Rise, int Fall, string Send = "", string Expect = "", TargetGuard? Guard = null)
{
    public const string Connect = "connect";

    /// <summary>TCP: it is enough that the target accepts.</summary>
    public bool IsConnect => Kind == Connect;

    /// <summary>From a checked rule: its values lie within their bounds.</summary>
    public static ProbeModel From(HealthCheckSpec check, TargetGuard? guard = null) => new(
        check.Probe?.ToLowerInvariant() ?? Connect,
        TimeSpan.FromSeconds(check.IntervalSeconds ?? 1),
        TimeSpan.FromMilliseconds(check.TimeoutMs ?? 2000),
        (int)(check.Rise ?? 2),
        (int)(check.Fall ?? 3),
        check.Send ?? "",
        check.Expect ?? "",
        guard);

    /// <summary>The question of one probe over UDP.</summary>
    public ProbeQuestion Ask() => Kind switch
    {
        "dns" => new DnsQuestion(),
        "stun" => new StunQuestion(),
        "ntp" => new NtpQuestion(),
        _ => new RawQuestion(Send, Expect),
    };
}
