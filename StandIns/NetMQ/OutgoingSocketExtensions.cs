using System.Text;

namespace NetMQ;

/// <summary>Sending bytes and text. Without Try: waits as long as it takes.</summary>
public static class OutgoingSocketExtensions
{
    static readonly TimeSpan Forever = TimeSpan.FromMilliseconds(-1);

    public static void Send(this IOutgoingSocket socket, ref Msg msg, bool more) => socket.TrySend(ref msg, Forever, more);

    public static void SendFrame(this IOutgoingSocket socket, byte[] data, bool more = false) =>
        socket.TrySendFrame(Forever, data, more);

    public static void SendFrame(this IOutgoingSocket socket, byte[] data, int length, bool more = false) =>
        socket.TrySendFrame(Forever, data, length, more);

    public static void SendFrame(this IOutgoingSocket socket, string message, bool more = false) =>
        socket.TrySendFrame(Forever, message, more);

    public static void SendFrameEmpty(this IOutgoingSocket socket, bool more = false) =>
        socket.TrySendFrameEmpty(Forever, more);

    public static IOutgoingSocket SendMoreFrame(this IOutgoingSocket socket, byte[] data)
    {
        socket.SendFrame(data, true);
        return socket;
    }

    public static IOutgoingSocket SendMoreFrame(this IOutgoingSocket socket, byte[] data, int length)
    {
        socket.SendFrame(data, length, true);
        return socket;
    }

    public static IOutgoingSocket SendMoreFrame(this IOutgoingSocket socket, string message)
    {
        socket.SendFrame(message, true);
        return socket;
    }

    public static IOutgoingSocket SendMoreFrameEmpty(this IOutgoingSocket socket)
    {
        socket.SendFrameEmpty(true);
        return socket;
    }

    public static void SendMultipartBytes(this IOutgoingSocket socket, params byte[][] frames) =>
        socket.TrySendMultipartBytes(Forever, frames);

    public static void SendMultipartBytes(this IOutgoingSocket socket, IEnumerable<byte[]> frames) =>
        socket.TrySendMultipartBytes(Forever, frames);

    public static bool TrySendFrame(this IOutgoingSocket socket, byte[] data, bool more = false) =>
        socket.TrySendFrame(TimeSpan.Zero, data, more);

    public static bool TrySendFrame(this IOutgoingSocket socket, byte[] data, int length, bool more = false) =>
        socket.TrySendFrame(TimeSpan.Zero, data, length, more);

    public static bool TrySendFrame(this IOutgoingSocket socket, string message, bool more = false) =>
        socket.TrySendFrame(TimeSpan.Zero, message, more);

    public static bool TrySendFrame(this IOutgoingSocket socket, TimeSpan timeout, byte[] data, bool more = false) =>
        socket.TrySendFrame(timeout, data, data.Length, more);

    public static bool TrySendFrame(this IOutgoingSocket socket, TimeSpan timeout, string message, bool more = false) =>
        socket.TrySendFrame(timeout, Encoding.UTF8.GetBytes(message), more);

    public static bool TrySendFrame(this IOutgoingSocket socket, TimeSpan timeout, byte[] data, int length, bool more = false)
    {
        // libzmq copies what it sends, so the caller's array needs no copy of its own.
        var msg = new Msg();
        msg.InitGC(data, length);
        bool sent = socket.TrySend(ref msg, timeout, more);
        msg.Close();
        return sent;
    }

    public static bool TrySendFrameEmpty(this IOutgoingSocket socket, bool more = false) =>
        socket.TrySendFrameEmpty(TimeSpan.Zero, more);

    public static bool TrySendFrameEmpty(this IOutgoingSocket socket, TimeSpan timeout, bool more = false)
    {
        var msg = new Msg();
        msg.InitEmpty();
        bool sent = socket.TrySend(ref msg, timeout, more);
        msg.Close();
        return sent;
    }

    public static bool TrySendMultipartBytes(this IOutgoingSocket socket, params byte[][] frames) =>
        socket.TrySendMultipartBytes(TimeSpan.Zero, frames);

    public static bool TrySendMultipartBytes(this IOutgoingSocket socket, IEnumerable<byte[]> frames) =>
        socket.TrySendMultipartBytes(TimeSpan.Zero, frames);

    public static bool TrySendMultipartBytes(this IOutgoingSocket socket, TimeSpan timeout, params byte[][] frames) =>
        socket.TrySendMultipartBytes(timeout, (IEnumerable<byte[]>)frames);

    /// <summary>All frames or none: only the first may be refused.</summary>
    public static bool TrySendMultipartBytes(this IOutgoingSocket socket, TimeSpan timeout, IEnumerable<byte[]> frames)
    {
        byte[] held = null;
        TimeSpan wait = timeout;
        foreach (byte[] frame in frames)
        {
            if (held != null)
            {
                if (!socket.TrySendFrame(wait, held, true))
                    return false;
                wait = Forever;
            }

            held = frame;
        }

        if (held == null)
            throw new ArgumentException("There is no frame to send.", nameof(frames));
        return socket.TrySendFrame(wait, held);
    }
}
