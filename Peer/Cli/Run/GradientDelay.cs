namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>Makes gradients take longer, as on a slower host: for trying out what a ring does then.</summary>
/// <param name="factor">How many times as long, at least 1.</param>
sealed class GradientDelay(double factor)
{
    const int Recent = 5;

    readonly Queue<TimeSpan> recent = [];
    bool hasBegun;

    /// <summary>The time to wait after a gradient: by the median of the last five, so that a process which was stopped meanwhile
    /// goes on at its pace. The first gradient, in which libraries are loaded, is not slowed down.</summary>
    /// <param name="took">How long the gradient took.</param>
    public TimeSpan After(TimeSpan took)
    {
        if (!hasBegun)
        {
            hasBegun = true;
            return TimeSpan.Zero;
        }
        if (recent.Count == Recent)
            recent.Dequeue();
        recent.Enqueue(took);
        return recent.Order().ElementAt(recent.Count / 2) * (factor - 1);
    }
}
