namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>
/// The loop of a whole simulated ring: one thread, one queue, one virtual clock. What follows an await runs in the order in which
/// it was queued; the clock moves only when the queue is empty.
/// </summary>
sealed class VirtualLoop : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Callback, object? State)> queue = new();

    /// <summary>The clock.</summary>
    public VirtualClock Clock { get; } = new();

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => queue.Enqueue((d, state));

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs what is queued and what is due, one after the other, until it is enough.</summary>
    /// <param name="enough">Asked before each.</param>
    /// <param name="limit">The time of the clock at which it is given up.</param>
    /// <returns>Whether it was enough; false: the limit passed, or nothing is left that could happen.</returns>
    public bool RunUntil(Func<bool> enough, TimeSpan limit)
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            while (!enough())
            {
                if (queue.Count == 0 && Clock.Elapsed > limit)
                    return false;
                try
                {
                    if (queue.TryDequeue(out var next))
                        next.Callback(next.State);
                    else if (!Clock.RunNext())
                        return false;
                }
                catch (ProcessDiedException)
                {
                    // A simulated process ended in the middle of this; the world goes on.
                }
            }
            return true;
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs a task, and all that it starts, until it is done.</summary>
    /// <param name="main">What to run.</param>
    /// <param name="limit">The most virtual time it may take.</param>
    /// <exception cref="TimeoutException">The limit passed, or nothing is left that could finish the task.</exception>
    public T Run<T>(Func<Task<T>> main, TimeSpan limit)
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            Task<T> task = main();
            while (!task.IsCompleted)
            {
                if (queue.TryDequeue(out var next))
                    next.Callback(next.State);
                else if (Clock.Elapsed > limit)
                    throw new TimeoutException($"not done after {limit} of virtual time");
                else if (!Clock.RunNext())
                    throw new TimeoutException($"stuck at {Clock.Elapsed}: no timer is set and nothing is queued");
            }
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
