namespace DecentralizedLion.Topology.Membership;

/// <summary>When each peer was last heard of. Any frame is a sign of life.</summary>
sealed class Liveness(TimeProvider clock, int peers)
{
    readonly long[] last = new long[peers];

    public void Heard(int peer) => last[peer] = clock.GetTimestamp();

    public TimeSpan SilenceOf(int peer) => clock.GetElapsedTime(last[peer]);

    /// <summary>Nobody is to blame for a gap in our own clock (a suspended process): start to count anew.</summary>
    public void Restart() => Array.Fill(last, clock.GetTimestamp());
}
