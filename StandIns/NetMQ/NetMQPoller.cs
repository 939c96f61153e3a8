using System.Collections;
using System.Collections.Concurrent;
using System.Net.Sockets;
using NetMQ.Interop;

namespace NetMQ;

/// <summary>One thread that waits for sockets, timers and tasks at once, and runs what is ready.</summary>
public sealed partial class NetMQPoller : TaskScheduler, INetMQPoller, ISocketPollableCollection, IEnumerable
{
    readonly List<NetMQSocket> sockets = [];
    readonly List<(Socket Socket, Action<Socket> Callback)> plainSockets = [];
    readonly List<NetMQTimer> timers = [];
    readonly ConcurrentQueue<Work> queue = new();
    readonly ManualResetEventSlim stopped = new(true);
    readonly WakeUp wake = new();
    int running;
    int threadId = -1;
    volatile bool stopRequested;
    volatile bool disposed;

    public override int MaximumConcurrencyLevel => 1;

    public bool IsRunning => Volatile.Read(ref running) != 0;

    public bool IsDisposed => disposed;

    /// <summary>Whether the caller is on the poller's thread.</summary>
    public bool CanExecuteTaskInline => Volatile.Read(ref threadId) == Environment.CurrentManagedThreadId;

    public void Add(ISocketPollable socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ObjectDisposedException.ThrowIf(socket.IsDisposed, socket);
        Run(() =>
        {
            if (!sockets.Contains(socket.Socket))
                sockets.Add(socket.Socket);
        });
    }

    public void Add(NetMQTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        Run(() =>
        {
            if (timers.Contains(timer))
                return;
            timer.Unschedule();
            timers.Add(timer);
        });
    }

    public void Add(Socket socket, Action<Socket> callback)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(callback);
        Run(() => plainSockets.Add((socket, callback)));
    }

    public void Remove(ISocketPollable socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        NetMQSocket removed = socket.Socket;
        Run(() => sockets.Remove(removed));
    }

    public void Remove(NetMQTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        Run(() => timers.Remove(timer));
    }

    public void Remove(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Run(() => plainSockets.RemoveAll(p => p.Socket == socket));
    }

    public void RemoveAndDispose<T>(T socket)
        where T : ISocketPollable, IDisposable
    {
        ArgumentNullException.ThrowIfNull(socket);
        NetMQSocket removed = socket.Socket;
        Run(() =>
        {
            sockets.Remove(removed);
            socket.Dispose();
        });
    }

    public Task<bool> ContainsAsync(ISocketPollable socket) => Ask(() => sockets.Contains(socket.Socket));

    public Task<bool> ContainsAsync(NetMQTimer timer) => Ask(() => timers.Contains(timer));

    public Task<bool> ContainsAsync(Socket socket) => Ask(() => plainSockets.Exists(p => p.Socket == socket));

    /// <summary>On the poller's thread; at once when this is it or none runs.</summary>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!IsRunning || CanExecuteTaskInline)
            action();
        else
            new Task(action).Start(this);
    }

    /// <summary>Polls on the calling thread until stopped. What is awaited there goes on there.</summary>
    public void Run() => Run(new PollerSynchronizationContext(this));

    public void Run(SynchronizationContext syncContext)
    {
        Begin();
        RunHere(syncContext);
    }

    public void RunAsync() => RunAsync("NetMQPollerThread");

    public void RunAsync(string threadName) => RunAsync(threadName, true);

    public void RunAsync(string threadName, bool isBackgroundThread)
    {
        Begin();
        var context = new PollerSynchronizationContext(this);
        new Thread(() => RunHere(context)) { Name = threadName, IsBackground = isBackgroundThread }.Start();
    }

    /// <summary>Waits until the poller has stopped, except on its own thread.</summary>
    public void Stop()
    {
        StopAsync();
        if (!CanExecuteTaskInline)
            stopped.Wait();
    }

    public void StopAsync()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!IsRunning)
            throw new InvalidOperationException("The poller is not running.");
        RequestStop();
    }

    /// <summary>Stops the poller; its sockets stay open.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        if (IsRunning)
        {
            RequestStop();
            if (CanExecuteTaskInline)
                return;
            stopped.Wait();
        }

        wake.Dispose();
    }

    IEnumerator IEnumerable.GetEnumerator() => sockets.Cast<object>().Concat(timers).GetEnumerator();

    internal void Post(SendOrPostCallback callback, object state) => Enqueue(new Work(null, callback, state));

    protected override IEnumerable<Task> GetScheduledTasks() => [.. queue.Select(w => w.Task).OfType<Task>()];

    protected override void QueueTask(Task task) => Enqueue(new Work(task, null, null));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        CanExecuteTaskInline && TryExecuteTask(task);

    Task<bool> Ask(Func<bool> question)
    {
        if (!IsRunning || CanExecuteTaskInline)
            return Task.FromResult(question());
        var task = new Task<bool>(question);
        task.Start(this);
        return task;
    }

    void Enqueue(Work work)
    {
        queue.Enqueue(work);
        wake.Set();
    }

    void Begin()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (Interlocked.CompareExchange(ref running, 1, 0) != 0)
            throw new InvalidOperationException("The poller is already running.");
        stopRequested = false;
        stopped.Reset();
    }

    void RequestStop()
    {
        stopRequested = true;
        wake.Set();
    }

    void RunHere(SynchronizationContext context)
    {
        SynchronizationContext before = SynchronizationContext.Current;
        Volatile.Write(ref threadId, Environment.CurrentManagedThreadId);
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            Loop();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            Volatile.Write(ref threadId, -1);
            Volatile.Write(ref running, 0);
            if (disposed)
                wake.Dispose();
            stopped.Set();
        }
    }

    readonly record struct Work(Task Task, SendOrPostCallback Callback, object State);
}
