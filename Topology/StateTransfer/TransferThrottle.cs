namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Leaves the links to the others for a part of the time: who comes back does not hold up those who train.</summary>
sealed class TransferThrottle(RingTimings timings, TimeProvider clock)
{
    /// <summary>Pauses after something was fetched, so that fetching takes <see cref="RingTimings.FetchTimeShare"/> of the
    /// time.</summary>
    public Task PauseAsync(TimeSpan took, CancellationToken stop)
    {
        // What took longer than a piece may was no transfer: answers were lost, or this process was stopped.
        TimeSpan counts = took < timings.PieceTimeout ? took : timings.PieceTimeout;
        return Task.Delay(counts * (1 / timings.FetchTimeShare - 1), clock, stop);
    }
}
