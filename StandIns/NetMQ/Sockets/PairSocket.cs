namespace NetMQ.Sockets;

public class PairSocket : NetMQSocket
{
    public PairSocket(string connectionString = null)
        : base(ZmqSocketType.Pair, connectionString, bindsByDefault: false)
    {
    }

    /// <summary>Two sockets joined in this process.</summary>
    public static void CreateSocketPair(out PairSocket socket1, out PairSocket socket2) =>
        CreateSocketPair(out socket1, out socket2, null, null);

    public static void CreateSocketPair(
        out PairSocket socket1, out PairSocket socket2, Action<PairSocket> initSocket1, Action<PairSocket> initSocket2)
    {
        string address = $"inproc://pair-{Guid.NewGuid():n}";
        socket1 = new PairSocket();
        socket2 = new PairSocket();
        initSocket1?.Invoke(socket1);
        initSocket2?.Invoke(socket2);
        socket1.Bind(address);
        socket2.Connect(address);
    }
}
