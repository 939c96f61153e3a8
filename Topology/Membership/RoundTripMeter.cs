namespace DecentralizedLion.Topology.Membership;

/// <summary>Measures the round trips to one peer: each heartbeat echoes the send time of the last heartbeat received from the
/// other side, and says how long ago it came (docs/protocol.md#slow-links).</summary>
sealed class RoundTripMeter(TimeProvider clock)
{
    uint theirs;
    long cameAt;
    uint? from;

    /// <summary>The round trips so far.</summary>
    public RoundTripEstimator Estimate { get; } = new();

    uint Now => unchecked((uint)(clock.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMicrosecond)) is not 0 and var now ? now : 1;

    /// <summary>The stamp of a heartbeat that is sent now.</summary>
    public RoundTripStamp NextStamp() => new(Now, theirs,
        (uint)Math.Min(clock.GetElapsedTime(cameAt).Ticks / TimeSpan.TicksPerMicrosecond, uint.MaxValue));

    /// <summary>Takes the stamp of a heartbeat that came.</summary>
    /// <param name="stamp">The stamp.</param>
    /// <param name="isOurs">The peer knows this very process: what it echoes is of this process's clock.</param>
    public void OnStamp(RoundTripStamp stamp, bool isOurs)
    {
        (theirs, cameAt) = (stamp.SentAt, clock.GetTimestamp());
        if (stamp.Echo == 0 || !isOurs)
            return;
        unchecked
        {
            // What was on its way while this process was stopped says nothing of the link.
            if (from is { } start && (int)(stamp.Echo - start) < 0)
                return;
            var trip = TimeSpan.FromMicroseconds(Now - stamp.Echo - stamp.Held);
            if (trip <= 2 * RoundTripEstimator.SampleMax) // else it is no time of ours
                Estimate.Record(trip);
        }
    }

    /// <summary>The peer's process is another: its clock's times are not known.</summary>
    public void ForgetEcho() => theirs = 0;

    /// <summary>Takes no round trip that began before now.</summary>
    public void BeginAnew() => from = Now;
}
