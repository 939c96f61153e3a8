namespace DecentralizedLion.Topology.Membership;

/// <summary>The time that a peer which was removed from the view again and again waits before it is taken back.</summary>
sealed class RejoinBackoff(TimeProvider clock)
{
    int count;
    long at;
    TimeSpan wait;

    /// <summary>The peer may be taken back.</summary>
    public bool IsOver => clock.GetElapsedTime(at) >= wait;

    /// <summary>The peer was removed from the view: the first time is nothing, each further one doubles the wait.</summary>
    public void OnRemoved(RingTimings timings)
    {
        if (wait > TimeSpan.Zero && clock.GetElapsedTime(at) > 2 * timings.RejoinDelayMax)
            wait = TimeSpan.Zero; // it held out for long
        TimeSpan next = count++ == 0 ? TimeSpan.Zero : wait == TimeSpan.Zero ? timings.HelloInterval : 2 * wait;
        wait = next < timings.RejoinDelayMax ? next : timings.RejoinDelayMax;
        at = clock.GetTimestamp();
    }
}
