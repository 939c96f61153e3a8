namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>The steps that a ring committed while peers were killed, against those of the same time undisturbed, and what it was
/// doing while it lost the rest.</summary>
/// <param name="CalmRates">Steps a second in each undisturbed time.</param>
/// <param name="CalmRate">Steps a second in all of them.</param>
/// <param name="Seconds">The length of the disturbed time.</param>
/// <param name="Steps">The steps of the disturbed time.</param>
/// <param name="Phases">The disturbed time, divided by what the ring was doing; together all of it.</param>
sealed record Goodput(IReadOnlyList<double> CalmRates, double CalmRate, double Seconds, long Steps,
    IReadOnlyList<GoodputPhase> Phases)
{
    static readonly (string Name, string Meaning)[] phases =
    [
        ("detection", "from SIGKILL until another peer suspects it"),
        ("view change", "until training continues without it, and again until it is a member again"),
        ("restart", "until its new process is up"),
        ("catching up", "until it has the steps it missed"),
        ("warming up", "until its ballot counts: a new process is slow at first"),
        ("all in", "until the next kill"),
    ];

    /// <summary>The share of the undisturbed rate.</summary>
    public double Share => Steps / (Seconds * CalmRate);

    /// <summary>The time in which nothing was gained: all of it but what the steps take undisturbed.</summary>
    public double LostSeconds => Seconds - Steps / CalmRate;

    /// <summary>Divides a run.</summary>
    /// <param name="steps">When each step was first reported, ascending.</param>
    /// <param name="calm">The undisturbed times.</param>
    /// <param name="end">The end of the disturbed time, which begins with the first kill.</param>
    /// <param name="deaths">The kills, in their order; at least one.</param>
    public static Goodput Of(IReadOnlyList<double> steps, IReadOnlyList<(double From, double To)> calm, double end,
        IReadOnlyList<DeathMarks> deaths)
    {
        var rate = calm.Sum(time => Count(time.From, time.To)) / calm.Sum(time => time.To - time.From);
        var (seconds, counts) = (new double[phases.Length], new long[phases.Length]);
        foreach (var (at, death) in deaths.Index())
        {
            var next = at + 1 < deaths.Count ? deaths[at + 1].Killed : end;
            var from = death.Killed;
            // A moment that was not seen is taken to be that of the next one.
            double?[] marks = [death.Suspected, death.WithoutIt, death.Up, death.TakingIn, death.Back, death.Voting, next];
            int[] phase = [0, 1, 2, 3, 1, 4, 5];
            for (var mark = 0; mark < marks.Length; mark++)
            {
                var to = Math.Clamp(marks[mark..].First(moment => moment is not null)!.Value, from, next);
                seconds[phase[mark]] += to - from;
                counts[phase[mark]] += Count(from, to);
                from = to;
            }
        }
        return new Goodput([.. calm.Select(time => Count(time.From, time.To) / (time.To - time.From))], rate,
            end - deaths[0].Killed, Count(deaths[0].Killed, end),
            [.. phases.Select((phase, i) => new GoodputPhase(phase.Name, phase.Meaning, seconds[i], counts[i]))]);

        long Count(double from, double to) => Below(to) - Below(from);

        int Below(double moment)
        {
            var (low, high) = (0, steps.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = steps[middle] < moment ? (middle + 1, high) : (low, middle);
            }
            return low;
        }
    }

    /// <summary>Lines for a person.</summary>
    /// <param name="kills">The number of kills.</param>
    public IEnumerable<string> Lines(int kills)
    {
        yield return FormattableString.Invariant($"undisturbed {CalmRate:F2} steps/s (")
            + $"{string.Join(", ", CalmRates.Select(rate => FormattableString.Invariant($"{rate:F2}")))})"
            + (CalmRates.Max() > 1.05 * CalmRates.Min() ? ": not steady, as on a host that does other work; what follows "
                + "says little" : "");
        yield return FormattableString.Invariant(
            $"disturbed   {Steps / Seconds:F2} steps/s in {Seconds:F0} s with {kills} kills");
        yield return FormattableString.Invariant($"goodput     {Share:F3} of the undisturbed steps");
        yield return FormattableString.Invariant(
            $"lost        {LostSeconds:F2} s, by what the ring was doing (less than 0: it was faster than undisturbed)");
        foreach (var phase in Phases)
            yield return FormattableString.Invariant(
                $"  {phase.Name,-12}{phase.Lost(CalmRate),7:F2} s, {phase.Lost(CalmRate) / kills,6:F3} s a kill, ")
                + FormattableString.Invariant($"{100 * phase.Lost(CalmRate) / Seconds,5:F1} % of the time: {phase.Meaning}");
    }
}
