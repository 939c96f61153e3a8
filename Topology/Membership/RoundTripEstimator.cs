namespace DecentralizedLion.Topology.Membership;

/// <summary>The round trips of a link, smoothed, and the time after which an answer is late (RFC 6298, without its floor of a
/// second).</summary>
sealed class RoundTripEstimator
{
    /// <summary>No round trip counts for more: timeouts that follow from it stay bounded, whatever a peer says.</summary>
    public static readonly TimeSpan SampleMax = TimeSpan.FromSeconds(4);

    TimeSpan? smoothed;
    TimeSpan deviation;

    /// <summary>The smoothed round trip; zero: none was measured.</summary>
    public TimeSpan Smoothed => smoothed ?? TimeSpan.Zero;

    /// <summary>The time in which almost every answer is there: the smoothed round trip and four deviations, at most
    /// <see cref="SampleMax"/>; zero: none was measured.</summary>
    public TimeSpan Timeout => Smoothed + 4 * deviation is var late && late < SampleMax ? late : SampleMax;

    /// <summary>Takes a measured round trip.</summary>
    public void Record(TimeSpan sample)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sample, TimeSpan.Zero);
        if (sample > SampleMax)
            sample = SampleMax;
        if (smoothed is not { } mean)
        {
            (smoothed, deviation) = (sample, sample / 2);
            return;
        }
        deviation += ((sample - mean).Duration() - deviation) / 4;
        smoothed = mean + (sample - mean) / 8;
    }
}
