namespace DecentralizedLion.Topology.Node;

/// <summary>The time that this peer's gradients take per sample: the median of the recent ones.</summary>
sealed class SampleTimes
{
    /// <summary>Fewer say nothing: the first gradients are slow everywhere.</summary>
    public const int SampleMin = 4;

    const int WindowSize = 16;

    readonly Queue<double> seconds = new(WindowSize);

    /// <summary>Seconds per sample; 0: not known yet.</summary>
    public double Median { get; private set; }

    /// <summary>Notes a gradient.</summary>
    /// <param name="took">The time that it took.</param>
    /// <param name="samples">The samples of it.</param>
    public void Record(TimeSpan took, int samples)
    {
        if (took <= TimeSpan.Zero || samples <= 0)
            return;
        if (seconds.Count == WindowSize)
            seconds.Dequeue();
        seconds.Enqueue(took.TotalSeconds / samples);
        if (seconds.Count < SampleMin)
            return;
        double[] sorted = [.. seconds.Order()];
        Median = sorted[sorted.Length / 2];
    }
}
