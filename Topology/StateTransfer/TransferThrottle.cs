namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Leaves the links to the others for a part of the time: who comes back does not hold up those who train.</summary>
sealed class TransferThrottle(RingTimings timings, TimeProvider clock)
{
    TimeSpan fetching;

    /// <summary>Counts the time that a piece took.</summary>
    public void Add(TimeSpan took) =>
        // What took longer than a piece may was no transfer: answers were lost, or this process was stopped.
        fetching += took < timings.PieceTimeout ? took : timings.PieceTimeout;

    /// <summary>Pauses for what was counted, so that fetching takes <see cref="RingTimings.FetchTimeShare"/> of the
    /// time.</summary>
    public Task PauseAsync(CancellationToken stop)
    {
        TimeSpan pause = fetching * (1 / timings.FetchTimeShare - 1);
        fetching = TimeSpan.Zero;
        return Task.Delay(pause, clock, stop);
    }

    /// <summary>Forgets what was counted: there is no pause for it.</summary>
    public void Skip() => fetching = TimeSpan.Zero;
}
