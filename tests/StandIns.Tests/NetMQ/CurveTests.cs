using NetMQ;

namespace DecentralizedLion.StandIns.Tests.NetMQ;

public sealed class CurveTests
{
    readonly NetMQCertificate server = new();

    [Fact]
    public void Certificates_round_trip()
    {
        Assert.Equal(32, server.PublicKey.Length);
        Assert.Equal(40, server.PublicKeyZ85.Length);
        Assert.True(server.HasSecretKey);
        Assert.Equal(server.PublicKey, NetMQCertificate.CreateFromSecretKey(server.SecretKey).PublicKey);
        Assert.Equal(server.PublicKey, NetMQCertificate.CreateFromSecretKey(server.SecretKeyZ85).PublicKey);
        Assert.Equal(server.PublicKey, NetMQCertificate.FromPublicKey(server.PublicKeyZ85).PublicKey);
        Assert.False(NetMQCertificate.FromPublicKey(server.PublicKey).HasSecretKey);
        Assert.NotEqual(server.PublicKey, new NetMQCertificate().PublicKey);
        Assert.Throws<ArgumentException>(() => new NetMQCertificate(new byte[31], new byte[32]));
    }

    [Fact]
    public void The_right_pair_delivers()
    {
        using Loopback link = Link(server.PublicKey);
        Assert.True(link.Push.TrySendMultipartBytes(Loopback.Patience, [1], new byte[1 << 20]));
        List<byte[]>? frames = null;
        Assert.True(link.Pull.TryReceiveMultipartBytes(Loopback.Patience, ref frames));
        Assert.Equal(1 << 20, frames[1].Length);
    }

    [Fact]
    public void Another_key_delivers_nothing()
    {
        using Loopback link = Link(new NetMQCertificate().PublicKey);
        link.Push.TrySendFrame([1]);
        Assert.False(link.Pull.TryReceiveFrameBytes(Loopback.Silence, out _));
    }

    [Fact]
    public void No_curve_delivers_nothing()
    {
        using Loopback link = Link(null);
        link.Push.TrySendFrame([1]);
        Assert.False(link.Pull.TryReceiveFrameBytes(Loopback.Silence, out _));
    }

    Loopback Link(byte[]? serverKey) => new(
        push =>
        {
            if (serverKey == null)
                return;
            push.Options.CurveServerKey = serverKey;
            push.Options.CurveCertificate = new NetMQCertificate();
        },
        pull =>
        {
            pull.Options.CurveServer = true;
            pull.Options.CurveCertificate = server;
        });
}
