using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Training;

/// <summary>A checkpoint that is being written: first copied to the operating system, then flushed to the disk. Whoever finishes
/// it commits it.</summary>
sealed class CheckpointWrite : IDisposable
{
    readonly TaskCompletionSource copied = new();
    readonly Task<(PreparedCheckpoint Files, long Began, long Ended)> writing;
    bool isCopied;

    /// <summary>Begins to write.</summary>
    /// <param name="copy">Hands all bytes to the system.</param>
    /// <param name="flush">Waits until the disk has them.</param>
    /// <param name="onOwnThread">True: on a thread of its own; false: here and now.</param>
    /// <param name="time">The clock.</param>
    public CheckpointWrite(Func<PreparedCheckpoint> copy, Action<PreparedCheckpoint> flush, bool onOwnThread, TimeProvider time)
    {
        writing = onOwnThread
            ? Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : Task.FromResult(Write());

        (PreparedCheckpoint Files, long Began, long Ended) Write()
        {
            long began = time.GetTimestamp();
            PreparedCheckpoint files = copy();
            copied.SetResult();
            try
            {
                flush(files);
                return (files, began, time.GetTimestamp());
            }
            catch
            {
                files.Dispose();
                throw;
            }
        }
    }

    /// <summary>True when it is on the disk, or could not be written.</summary>
    public bool HasEnded => writing.IsCompleted;

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
    /// <returns>The files, for the caller to commit and dispose of, and the timestamps of beginning and end.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public (PreparedCheckpoint Files, long Began, long Ended) Finish() => writing.GetAwaiter().GetResult();

    /// <summary>Waits until nothing is read any more, and deletes what was written.</summary>
    public void Dispose()
    {
        ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        if (writing.IsCompletedSuccessfully)
            writing.Result.Files.Dispose();
    }
}
