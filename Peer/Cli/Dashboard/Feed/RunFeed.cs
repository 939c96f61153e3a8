using System.Runtime.CompilerServices;
using DecentralizedLion.Peer.Cli.Dashboard.History;

namespace DecentralizedLion.Peer.Cli.Dashboard.Feed;

/// <summary>
/// Follows the metrics files of a run, every 0.4 s while a page is open and every 5 s otherwise, and sends snapshots to the open
/// pages. It only reads files and never calls the training process.
/// </summary>
sealed class RunFeed : IAsyncDisposable
{
    static readonly TimeSpan whileWatched = TimeSpan.FromMilliseconds(400), whileNot = TimeSpan.FromSeconds(5);

    /// <summary>A page without news for so long gets the files' age anew.</summary>
    static readonly TimeSpan quiet = TimeSpan.FromSeconds(10);

    readonly Lock one = new();
    readonly RunHistory history;
    readonly SnapshotBuilder builder;
    readonly TimeProvider time;
    readonly CancellationTokenSource end = new();
    readonly Task following;
    TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    TaskCompletionSource<Publication?> next = New();
    Publication? latest;
    int watchers;

    /// <summary>Begins to follow a run.</summary>
    /// <param name="about">The run.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Takes the reason when that is not possible any more; the run itself goes on.</param>
    public RunFeed(RunDescription about, TimeProvider time, Action<Exception> failed)
    {
        this.time = time;
        history = new RunHistory(about);
        builder = new SnapshotBuilder(history, time);
        following = Task.Run(async () =>
        {
            try
            {
                await FollowAsync();
            }
            catch (Exception e)
            {
                failed(e);
                lock (one)
                    next.TrySetResult(null);
            }
        });
    }

    /// <summary>The ring's state after a step, as JSON.</summary>
    public byte[] StateAt(long step)
    {
        lock (one)
            return SnapshotBuilder.Write(history.At(step));
    }

    /// <summary>The snapshots from now on: the whole one first, then what is new as it comes.</summary>
    public async IAsyncEnumerable<byte[]> WatchAsync(
        [EnumeratorCancellation] CancellationToken stop)
    {
        Interlocked.Increment(ref watchers);
        lock (one)
            woken.TrySetResult();
        try
        {
            long version = -1;
            while (true)
            {
                Task<Publication?> coming;
                Publication? now;
                lock (one)
                    (now, coming) = (latest, next.Task);
                if (now is null || now.Version == version)
                    now = await coming.WaitAsync(stop);
                if (now is null)
                    yield break;
                yield return now.Version == version + 1 && now.Update is { } update ? update : now.Full;
                version = now.Version;
            }
        }
        finally
        {
            Interlocked.Decrement(ref watchers);
        }
    }

    /// <summary>Reads and shows what is there at the end.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await following;
        lock (one)
        {
            while (history.Read())
                continue;
            if (Volatile.Read(ref watchers) > 0)
                Publish();
            next.TrySetResult(null);
        }
        end.Dispose();
    }

    async Task FollowAsync()
    {
        var (isDirty, published) = (true, 0L);
        while (true)
        {
            bool isReading;
            Task called;
            lock (one)
            {
                history.Discover();
                isDirty |= history.Read();
                isReading = history.Progress < 1;
                if (woken.Task.IsCompleted)
                    woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
                called = woken.Task;
                var since = time.GetElapsedTime(published);
                if ((Volatile.Read(ref watchers) > 0 || latest is null)
                    && (published == 0 || (isDirty && since >= whileWatched) || since >= quiet))
                {
                    Publish();
                    (isDirty, published) = (false, time.GetTimestamp());
                }
            }
            if (isReading)
                await Task.Yield();
            else
                await WaitAsync(called);
            if (end.IsCancellationRequested)
                return;
        }
    }

    void Publish()
    {
        var (full, update) = builder.Build();
        latest = new Publication(full.Version, SnapshotBuilder.Write(full),
            update is null ? null : SnapshotBuilder.Write(update));
        var waiting = next;
        next = New();
        waiting.SetResult(latest);
    }

    /// <summary>Waits until it is time to look again, or somebody comes to look.</summary>
    async Task WaitAsync(Task called)
    {
        using var due = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        await Task.WhenAny(called, Task.Delay(Volatile.Read(ref watchers) > 0 ? whileWatched : whileNot, time, due.Token));
        await due.CancelAsync();
    }

    static TaskCompletionSource<Publication?> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
