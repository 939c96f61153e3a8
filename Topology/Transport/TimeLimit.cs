namespace DecentralizedLion.Topology.Transport;

/// <summary>A token that is cancelled after some time, or when another one is.</summary>
sealed class TimeLimit : IDisposable
{
    readonly CancellationTokenSource time, linked;

    public TimeLimit(TimeSpan limit, TimeProvider clock, CancellationToken stop)
    {
        time = new CancellationTokenSource(limit, clock);
        linked = CancellationTokenSource.CreateLinkedTokenSource(time.Token, stop);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => linked.Token;

    /// <summary>True when the time is over.</summary>
    public bool IsOver => time.IsCancellationRequested;

    /// <inheritdoc/>
    public void Dispose()
    {
        linked.Dispose();
        time.Dispose();
    }
}
