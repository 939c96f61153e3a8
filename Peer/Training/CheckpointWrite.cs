namespace DecentralizedLion.Peer.Training;

/// <summary>A checkpoint that is being written, first into the system's memory and then onto the disk.</summary>
sealed class CheckpointWrite : IDisposable
{
    readonly TaskCompletionSource copied = new();
    readonly Task<(long Began, long Ended)> writing;
    bool isCopied;

    /// <summary>Begins to write.</summary>
    /// <param name="step">Steps applied.</param>
    /// <param name="write">Writes; calls what it is given when the system has all bytes.</param>
    /// <param name="isBeside">True: on a thread of its own; false: here and now.</param>
    /// <param name="time">The clock.</param>
    public CheckpointWrite(long step, Action<Action> write, bool isBeside, TimeProvider time)
    {
        Step = step;
        writing = isBeside
            ? Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : Task.FromResult(Write());

        (long Began, long Ended) Write()
        {
            long began = time.GetTimestamp();
            write(() => copied.TrySetResult());
            return (began, time.GetTimestamp());
        }
    }

    /// <summary>Steps applied.</summary>
    public long Step { get; }

    /// <summary>True when it is on the disk, or could not be written.</summary>
    public bool IsWritten => writing.IsCompleted;

    /// <summary>Waits until the system has all bytes.</summary>
    /// <returns>False: that was known before.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public bool AwaitCopy()
    {
        if (isCopied)
            return false;
        Task.WaitAny(copied.Task, writing);
        if (!copied.Task.IsCompleted)
            writing.GetAwaiter().GetResult(); // throws
        return isCopied = true;
    }

    /// <summary>Waits until it is on the disk.</summary>
    /// <returns>The timestamps of its beginning and end.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public (long Began, long Ended) Finish() => writing.GetAwaiter().GetResult();

    /// <summary>Waits until it has ended, whatever became of it.</summary>
    public void Dispose() => ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
}
