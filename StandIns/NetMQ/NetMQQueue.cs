using System.Collections;
using System.Collections.Concurrent;
using NetMQ.Sockets;

namespace NetMQ;

public class NetMQQueueEventArgs<T> : EventArgs
{
    internal NetMQQueueEventArgs(NetMQQueue<T> queue) => Queue = queue;

    public NetMQQueue<T> Queue { get; }
}

/// <summary>
/// Values from any thread to one that polls. Each has an empty frame in a socket pair, so that the poller wakes.
/// </summary>
public sealed class NetMQQueue<T> : IDisposable, ISocketPollable, IEnumerable<T>
{
    readonly ConcurrentQueue<T> values = new();
    readonly Lock gate = new();
    readonly PairSocket reader;
    readonly PairSocket writer;
    readonly NetMQQueueEventArgs<T> eventArgs;
    EventHandler<NetMQQueueEventArgs<T>> receiveReady;

    /// <summary>Enqueue waits when this many values are in it; 0: it never waits.</summary>
    public NetMQQueue(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        int half = (capacity + 1) / 2;
        PairSocket.CreateSocketPair(
            out writer,
            out reader,
            s => s.Options.SendHighWatermark = capacity == 0 ? 0 : half,
            s => s.Options.ReceiveHighWatermark = capacity == 0 ? 0 : Math.Max(1, capacity - half));
        eventArgs = new NetMQQueueEventArgs<T>(this);
    }

    public event EventHandler<NetMQQueueEventArgs<T>> ReceiveReady
    {
        add
        {
            if (receiveReady == null)
                reader.ReceiveReady += OnReady;
            receiveReady += value;
        }

        remove
        {
            receiveReady -= value;
            if (receiveReady == null)
                reader.ReceiveReady -= OnReady;
        }
    }

    public int Count => values.Count;

    public bool IsEmpty => values.IsEmpty;

    public bool IsDisposed => reader.IsDisposed;

    NetMQSocket ISocketPollable.Socket => reader;

    public void Enqueue(T value)
    {
        lock (gate)
        {
            values.Enqueue(value);
            writer.SendFrameEmpty();
        }
    }

    public T Dequeue()
    {
        TryDequeue(out T result, TimeSpan.FromMilliseconds(-1));
        return result;
    }

    public bool TryDequeue(out T result, TimeSpan timeout)
    {
        if (reader.TrySkipFrame(timeout))
            return values.TryDequeue(out result);
        result = default;
        return false;
    }

    public IEnumerator<T> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        reader.Dispose();
        writer.Dispose();
    }

    void OnReady(object sender, NetMQSocketEventArgs e) => receiveReady?.Invoke(this, eventArgs);
}
