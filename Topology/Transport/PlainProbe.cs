using System.Net;
using System.Net.Sockets;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Finds out whether the ZeroMQ engine can be talked out of CURVE. The protocol's first two versions know no encryption; an engine that
/// still speaks them at a CURVE socket lets strangers in (CVE-2014-9721 of libzmq before 4.0.6 and 4.1.1).
/// </summary>
static class PlainProbe
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2), Turn = TimeSpan.FromMilliseconds(2);

    // A greeting, an empty identity and a frame of one byte, by version 1 without and with a signature, and by version 2.
    static readonly byte[][] Greetings =
    [
        [1, 0, 2, 0, 7],
        [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0, 8, 1, 0, 2, 0, 7],
        [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 8, 0, 0, 0, 1, 7],
    ];

    /// <summary>Whether a listening socket on loopback takes a frame that came without encryption.</summary>
    /// <param name="curve">Whether the socket is to be a CURVE server; without, every engine takes it.</param>
    public static bool IsTaken(bool curve = true)
    {
        using var listening = new PullSocket();
        listening.Options.Linger = TimeSpan.Zero;
        if (curve)
        {
            listening.Options.CurveServer = true;
            listening.Options.CurveCertificate = new NetMQCertificate();
        }
        int port = listening.BindRandomPort("tcp://127.0.0.1");
        return Greetings.Any(greeting => IsTaken(listening, port, greeting));
    }

    static bool IsTaken(PullSocket listening, int port, byte[] greeting)
    {
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stranger.Connect(IPAddress.Loopback, port);
        stranger.Send(greeting);
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Turn)
        {
            if (listening.TryReceiveFrameBytes(Turn, out _))
                return true;
            if (IsClosed(stranger))
                return false;
        }
        return false;
    }

    static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Receive(new byte[256]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
