namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>
/// Waits for a word or for a while, whichever comes first. Unlike <see cref="Task.WhenAny(Task[])"/> it never leaves the loop:
/// one completion source, completed by either.
/// </summary>
sealed class WakeSignal(TimeProvider clock)
{
    TaskCompletionSource<bool>? waiting;

    /// <summary>Wakes the waiter, if there is one.</summary>
    public void Set() => waiting?.TrySetResult(true);

    /// <summary>True when <see cref="Set"/> was called, false when the time passed.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout)
    {
        waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using ITimer timer = clock.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), waiting,
            timeout, Timeout.InfiniteTimeSpan);
        bool set = await waiting.Task;
        waiting = null;
        return set;
    }
}
