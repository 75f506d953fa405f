namespace Portunus.Shared.Rules;

/// <summary>Bounds of limits, of a rule or of an owner.</summary>
public static class LimitCheck
{
    /// <summary>100 Gbit/s in bytes.</summary>
    public const long MaxBytesPerSecond = 12_500_000_000;

    /// <summary>The most new flows per second, or flows at once, that can be asked for.</summary>
    public const long MaxFlows = 10_000_000;

    /// <summary>Checks limits on their own, as an owner has them.</summary>
    public static IReadOnlyList<RuleProblem> Check(LimitSpec limits)
    {
        var problems = new ProblemList();
        Check(limits, "limits", problems);
        return problems.All;
    }

    internal static LimitSpec Check(LimitSpec? limits, string path, ProblemList problems)
    {
        if (limits is null)
        {
            return LimitSpec.None;
        }

        Rate(limits.BytesPerSecondIn, $"{path}.bytes_per_second_in", MaxBytesPerSecond, problems);
        Rate(limits.BytesPerSecondOut, $"{path}.bytes_per_second_out", MaxBytesPerSecond, problems);
        Burst(limits.BurstBytesIn, limits.BytesPerSecondIn, MaxBytesPerSecond, $"{path}.burst_bytes_in", "bytes_per_second_in", problems);
        Burst(limits.BurstBytesOut, limits.BytesPerSecondOut, MaxBytesPerSecond, $"{path}.burst_bytes_out", "bytes_per_second_out", problems);
        Rate(limits.NewFlowsPerSecond, $"{path}.new_flows_per_second", MaxFlows, problems);
        Burst(limits.NewFlowsBurst, limits.NewFlowsPerSecond, MaxFlows, $"{path}.new_flows_burst", "new_flows_per_second", problems);
        Rate(limits.ConcurrentFlows, $"{path}.concurrent_flows", MaxFlows, problems);
        return limits;
    }

    private static void Rate(long? value, string field, long most, ProblemList problems)
    {
        if (value is 0)
        {
            problems.Add("limit_zero", field, $"{field} must not be 0: leave it out for no limit, or disable the rule to let nothing through.");
        }
        else if (value is { } given && (given < 0 || given > most))
        {
            problems.Add("out_of_range", field, $"{field} must be between 1 and {most}; this is {given}.");
        }
    }

    private static void Burst(long? burst, long? rate, long mostRate, string field, string rateField, ProblemList problems)
    {
        if (burst is not { } given)
        {
            return;
        }

        if (rate is not { } perSecond)
        {
            problems.Add("burst_without_rate", field, $"{field} needs {rateField}.");
            return;
        }

        if (perSecond < 1 || perSecond > mostRate)
        {
            // The rate has a problem of its own, and bounds drawn from it would mislead.
            return;
        }

        var least = Math.Max(1, perSecond / 100);
        var most = perSecond * 60;
        if (given < least || given > most)
        {
            problems.Add("burst_range", field,
                $"{field} must be between {least} and {most}, a hundredth of a second and a minute of {rateField}; this is {given}.");
        }
    }
}
