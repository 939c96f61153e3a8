using DecentralizedLion.Topology.Transport;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>Tries the ZeroMQ engine on loopback sockets of its own.</summary>
public static class EngineCheck
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Whether an encrypted link delivers; not so where the engine does not know CURVE.</summary>
    public static bool IsCurveThere()
    {
        try
        {
            using var listening = new PullSocket();
            using var dialling = new PushSocket();
            listening.Options.Linger = dialling.Options.Linger = TimeSpan.Zero;
            var pair = new NetMQCertificate();
            listening.Options.CurveServer = true;
            listening.Options.CurveCertificate = pair;
            dialling.Options.CurveServerCertificate = NetMQCertificate.FromPublicKey(pair.PublicKey);
            dialling.Options.CurveCertificate = new NetMQCertificate();
            dialling.Connect($"tcp://127.0.0.1:{listening.BindRandomPort("tcp://127.0.0.1")}");
            return dialling.TrySendFrame(Patience, [1]) && listening.TryReceiveFrameBytes(Patience, out _);
        }
        catch (Exception e) when (e is NetMQException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Whether it lets itself be talked out of encryption; a peer with encrypted links does not start then.</summary>
    public static bool TakesPlainFrames() => PlainProbe.IsTaken();

    /// <summary>The library that speaks ZeroMQ here, by name and version.</summary>
    public static string Name => typeof(NetMQSocket).Assembly.GetName() is var name ? $"{name.Name} {name.Version?.ToString(3)}" : "";
}
