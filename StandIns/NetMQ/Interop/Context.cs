using System.Runtime.InteropServices;

namespace NetMQ.Interop;

/// <summary>The one libzmq context that all sockets share, made when the first socket is.</summary>
static class Context
{
    const int IoThreads = 1;
    const int MaxSockets = 2;
    static readonly Lock Gate = new();
    static nint handle;
    static int ioThreads = 1;
    static int maxSockets = 1023;

    internal static int ThreadPoolSize
    {
        get => ioThreads;
        set => Set(IoThreads, ref ioThreads, value);
    }

    internal static int SocketLimit
    {
        get => maxSockets;
        set => Set(MaxSockets, ref maxSockets, value);
    }

    internal static nint NewSocket(ZmqSocketType type)
    {
        lock (Gate)
        {
            if (handle == 0)
            {
                handle = Zmq.ContextNew();
                if (handle == 0)
                    throw Zmq.Error("zmq_ctx_new");
                Zmq.Check(Zmq.ContextSet(handle, IoThreads, ioThreads), "the number of I/O threads");
                Zmq.Check(Zmq.ContextSet(handle, MaxSockets, maxSockets), "the number of sockets");
            }

            nint socket = Zmq.Socket(handle, (int)type);
            return socket != 0 ? socket : throw Zmq.Error($"a {type} socket");
        }
    }

    /// <summary>
    /// Ends the context: waits until every socket is closed and has sent what its Linger allows, or only says so.
    /// </summary>
    internal static void End(bool block)
    {
        nint ended;
        lock (Gate)
        {
            ended = handle;
            handle = 0;
        }

        if (ended == 0)
            return;
        if (block)
        {
            Terminate(ended);
            return;
        }

        Zmq.Check(Zmq.ContextShutdown(ended), "zmq_ctx_shutdown");
        new Thread(() => Terminate(ended)) { IsBackground = true, Name = "ZeroMQ context's end" }.Start();
    }

    static void Terminate(nint context)
    {
        while (Zmq.ContextTerm(context) == -1)
            if (Marshal.GetLastPInvokeError() != Errors.Interrupted)
                throw Zmq.Error("zmq_ctx_term");
    }

    static void Set(int option, ref int kept, int value)
    {
        lock (Gate)
        {
            if (handle != 0)
                Zmq.Check(Zmq.ContextSet(handle, option, value), "a context option");
            kept = value;
        }
    }
}
