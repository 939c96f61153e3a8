namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// The deadline of a ballot (docs/protocol.md#stragglers): the median of all members' recent gradient times plus a few times
/// their median absolute deviation. A slow peer's own times are a minority of them.
/// </summary>
sealed class StragglerDeadline(int peers, RingTimings timings)
{
    const int WindowSize = 8;

    // Fewer are no statistics: the first gradients are slow everywhere.
    const int SampleMin = 6;

    readonly Queue<TimeSpan>[] times = [.. Enumerable.Range(0, peers).Select(_ => new Queue<TimeSpan>(WindowSize))];
    // Sorting all times for each new one would grow with the square of the number of peers: it waits for so many new ones.
    const int FreshShare = 64;

    int known, fresh;
    TimeSpan? deadline;

    /// <summary>Notes how long a gradient took.</summary>
    public void RecordGradientTime(int peer, TimeSpan took)
    {
        if (took <= TimeSpan.Zero)
            return;
        if (times[peer].Count == WindowSize)
            times[peer].Dequeue();
        else
            known++;
        times[peer].Enqueue(took);
        if (FreshShare * ++fresh >= known)
            deadline = null;
    }

    /// <summary>The time after a step's beginning from which on a ballot is late.</summary>
    public TimeSpan Value => deadline ??= Compute();

    TimeSpan Compute()
    {
        fresh = 0;
        TimeSpan[] all = [.. times.SelectMany(kept => kept)];
        if (all.Length < SampleMin)
            return timings.DeadlineMax;
        TimeSpan median = Median(all);
        TimeSpan deviation = Median([.. all.Select(time => (time - median).Duration())]);
        TimeSpan late = median + timings.DeadlineDeviations * deviation;
        if (late < timings.DeadlineMedians * median)
            late = timings.DeadlineMedians * median;
        return late < timings.DeadlineMin ? timings.DeadlineMin : late > timings.DeadlineMax ? timings.DeadlineMax : late;
    }

    static TimeSpan Median(TimeSpan[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
