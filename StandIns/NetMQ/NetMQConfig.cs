using NetMQ.Interop;

namespace NetMQ;

/// <summary>What all sockets of the process share.</summary>
public static class NetMQConfig
{
    /// <summary>What a new socket's Linger is: zero, so that closing drops what was not sent.</summary>
    public static TimeSpan Linger { get; set; } = TimeSpan.Zero;

    public static int ThreadPoolSize
    {
        get => Context.ThreadPoolSize;
        set => Context.ThreadPoolSize = value;
    }

    public static int MaxSockets
    {
        get => Context.SocketLimit;
        set => Context.SocketLimit = value;
    }

    /// <summary>
    /// Ends the shared context; with <paramref name="block"/> it waits until all sockets are closed and lingered.
    /// </summary>
    public static void Cleanup(bool block = true) => Context.End(block);
}
