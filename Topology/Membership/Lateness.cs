namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// When a ballot is late (section 6, Slow peer): after the median of all members' recent gradient times plus a few times their median
/// absolute deviation. A slow peer's own times are a minority of them.
/// </summary>
sealed class Lateness(int peers, RingTimings timings)
{
    const int Kept = 8;

    // Fewer are no statistics: the first gradients are slow everywhere.
    const int FewestTimes = 6;

    readonly Queue<TimeSpan>[] times = [.. Enumerable.Range(0, peers).Select(_ => new Queue<TimeSpan>(Kept))];
    TimeSpan? deadline;

    /// <summary>Notes how long a gradient took.</summary>
    public void Add(int peer, TimeSpan took)
    {
        if (took <= TimeSpan.Zero)
            return;
        if (times[peer].Count == Kept)
            times[peer].Dequeue();
        times[peer].Enqueue(took);
        deadline = null;
    }

    /// <summary>How long after a step began a ballot is late.</summary>
    public TimeSpan Deadline => deadline ??= Compute();

    TimeSpan Compute()
    {
        TimeSpan[] all = [.. times.SelectMany(kept => kept)];
        if (all.Length < FewestTimes)
            return timings.LateCeiling;
        TimeSpan median = Median(all);
        TimeSpan deviation = Median([.. all.Select(time => (time - median).Duration())]);
        TimeSpan late = median + timings.LateFactor * deviation;
        if (late < timings.LateRatio * median)
            late = timings.LateRatio * median;
        return late < timings.LateFloor ? timings.LateFloor : late > timings.LateCeiling ? timings.LateCeiling : late;
    }

    static TimeSpan Median(TimeSpan[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
