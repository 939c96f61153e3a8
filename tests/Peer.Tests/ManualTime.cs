namespace DecentralizedLion.Peer.Tests;

/// <summary>A clock that a test moves.</summary>
public sealed class ManualTime : TimeProvider
{
    long now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(now);

    public void Advance(double seconds) => now += (long)(seconds * TimeSpan.TicksPerSecond);
}
