using System.Text;

namespace NetMQ;

/// <summary>Receiving bytes and text. Without Try: waits as long as it takes.</summary>
public static class ReceivingSocketExtensions
{
    static readonly TimeSpan Forever = TimeSpan.FromMilliseconds(-1);

    public static void Receive(this IReceivingSocket socket, ref Msg msg) => socket.TryReceive(ref msg, Forever);

    public static byte[] ReceiveFrameBytes(this IReceivingSocket socket) => socket.ReceiveFrameBytes(out _);

    public static byte[] ReceiveFrameBytes(this IReceivingSocket socket, out bool more)
    {
        socket.TryReceiveFrameBytes(Forever, out byte[] bytes, out more);
        return bytes;
    }

    public static string ReceiveFrameString(this IReceivingSocket socket) => socket.ReceiveFrameString(out _);

    public static string ReceiveFrameString(this IReceivingSocket socket, out bool more)
    {
        socket.TryReceiveFrameString(Forever, out string text, out more);
        return text;
    }

    public static List<byte[]> ReceiveMultipartBytes(this IReceivingSocket socket, int expectedFrameCount = 4)
    {
        List<byte[]> frames = null;
        socket.ReceiveMultipartBytes(ref frames, expectedFrameCount);
        return frames;
    }

    public static void ReceiveMultipartBytes(this IReceivingSocket socket, ref List<byte[]> frames, int expectedFrameCount = 4) =>
        socket.TryReceiveMultipartBytes(Forever, ref frames, expectedFrameCount);

    public static void SkipFrame(this IReceivingSocket socket) => socket.SkipFrame(out _);

    public static void SkipFrame(this IReceivingSocket socket, out bool more) => socket.TrySkipFrame(Forever, out more);

    public static void SkipMultipartMessage(this IReceivingSocket socket) => socket.TrySkipMultipartMessage(Forever);

    public static bool TryReceiveFrameBytes(this IReceivingSocket socket, out byte[] bytes) =>
        socket.TryReceiveFrameBytes(TimeSpan.Zero, out bytes, out _);

    public static bool TryReceiveFrameBytes(this IReceivingSocket socket, out byte[] bytes, out bool more) =>
        socket.TryReceiveFrameBytes(TimeSpan.Zero, out bytes, out more);

    public static bool TryReceiveFrameBytes(this IReceivingSocket socket, TimeSpan timeout, out byte[] bytes) =>
        socket.TryReceiveFrameBytes(timeout, out bytes, out _);

    public static bool TryReceiveFrameBytes(this IReceivingSocket socket, TimeSpan timeout, out byte[] bytes, out bool more)
    {
        var msg = new Msg();
        msg.InitEmpty();
        bool received = socket.TryReceive(ref msg, timeout);
        bytes = received ? msg.CloneData() : null;
        more = msg.HasMore;
        msg.Close();
        return received;
    }

    public static bool TryReceiveFrameString(this IReceivingSocket socket, out string frameString) =>
        socket.TryReceiveFrameString(TimeSpan.Zero, out frameString, out _);

    public static bool TryReceiveFrameString(this IReceivingSocket socket, out string frameString, out bool more) =>
        socket.TryReceiveFrameString(TimeSpan.Zero, out frameString, out more);

    public static bool TryReceiveFrameString(this IReceivingSocket socket, TimeSpan timeout, out string frameString) =>
        socket.TryReceiveFrameString(timeout, out frameString, out _);

    public static bool TryReceiveFrameString(
        this IReceivingSocket socket, TimeSpan timeout, out string frameString, out bool more)
    {
        bool received = socket.TryReceiveFrameBytes(timeout, out byte[] bytes, out more);
        frameString = received ? Encoding.UTF8.GetString(bytes) : null;
        return received;
    }

    public static bool TryReceiveMultipartBytes(
        this IReceivingSocket socket, ref List<byte[]> frames, int expectedFrameCount = 4) =>
        socket.TryReceiveMultipartBytes(TimeSpan.Zero, ref frames, expectedFrameCount);

    public static bool TryReceiveMultipartBytes(
        this IReceivingSocket socket, TimeSpan timeout, ref List<byte[]> frames, int expectedFrameCount = 4)
    {
        if (!socket.TryReceiveFrameBytes(timeout, out byte[] frame, out bool more))
            return false;
        if (frames == null)
            frames = new List<byte[]>(expectedFrameCount);
        else
            frames.Clear();
        frames.Add(frame);
        while (more)
            frames.Add(socket.ReceiveFrameBytes(out more));
        return true;
    }

    public static bool TrySkipFrame(this IReceivingSocket socket) => socket.TrySkipFrame(TimeSpan.Zero, out _);

    public static bool TrySkipFrame(this IReceivingSocket socket, out bool more) => socket.TrySkipFrame(TimeSpan.Zero, out more);

    public static bool TrySkipFrame(this IReceivingSocket socket, TimeSpan timeout) => socket.TrySkipFrame(timeout, out _);

    public static bool TrySkipFrame(this IReceivingSocket socket, TimeSpan timeout, out bool more)
    {
        var msg = new Msg();
        msg.InitEmpty();
        bool received = socket.TryReceive(ref msg, timeout);
        more = msg.HasMore;
        msg.Close();
        return received;
    }

    public static bool TrySkipMultipartMessage(this IReceivingSocket socket) =>
        socket.TrySkipMultipartMessage(TimeSpan.Zero);

    public static bool TrySkipMultipartMessage(this IReceivingSocket socket, TimeSpan timeout)
    {
        if (!socket.TrySkipFrame(timeout, out bool more))
            return false;
        while (more)
            socket.SkipFrame(out more);
        return true;
    }
}
