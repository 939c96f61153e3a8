namespace DecentralizedLion.Topology.Snapshots;

/// <summary>
/// The steps that other peers are fetching from this one: the checkpoint of such a step and the records after it are not deleted
/// until <see cref="TimeLimit"/> after the last request that was another than the one before. Otherwise a transfer that takes
/// longer than some checkpoint intervals would begin anew again and again. For any thread.
/// </summary>
/// <param name="clock">The clock.</param>
sealed class RetainedSteps(TimeProvider clock)
{
    /// <summary>A peer that has not asked for anything new for so long does not go on fetching.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    readonly Lock gate = new();
    readonly Dictionary<int, (long Step, long At)> fetched = [];

    /// <summary>The oldest of the steps; <see cref="long.MaxValue"/>: there is none.</summary>
    public long Oldest
    {
        get
        {
            lock (gate)
                return fetched.Values.Where(IsRecent).Select(one => one.Step).DefaultIfEmpty(long.MaxValue).Min();
        }
    }

    /// <summary>Notes that a peer has asked for the checkpoint of a step, or for records after it; what it asked for before is
    /// no longer needed.</summary>
    public void Retain(int peer, long step)
    {
        lock (gate)
            fetched[peer] = (step, clock.GetTimestamp());
    }

    /// <summary>True when some peer is fetching the checkpoint of a step, or the records after it.</summary>
    public bool Has(long step)
    {
        lock (gate)
            return fetched.Values.Any(one => one.Step == step && IsRecent(one));
    }

    bool IsRecent((long Step, long At) one) => clock.GetElapsedTime(one.At) < TimeLimit;
}
