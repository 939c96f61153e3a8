namespace NetMQ;

public interface IOutgoingSocket
{
    bool TrySend(ref Msg msg, TimeSpan timeout, bool more);
}

public interface IReceivingSocket
{
    bool TryReceive(ref Msg msg, TimeSpan timeout);
}

/// <summary>Something a poller can wait for.</summary>
public interface ISocketPollable
{
    NetMQSocket Socket { get; }

    bool IsDisposed { get; }
}

public interface ISocketPollableCollection
{
    void Add(ISocketPollable socket);

    void Remove(ISocketPollable socket);

    void RemoveAndDispose<T>(T socket)
        where T : ISocketPollable, IDisposable;
}

public interface INetMQPoller : IDisposable
{
    bool IsRunning { get; }

    void Run();

    void RunAsync();

    void Stop();

    void StopAsync();

    void Add(ISocketPollable socket);

    void Remove(ISocketPollable socket);

    void RemoveAndDispose<T>(T socket)
        where T : ISocketPollable, IDisposable;
}
