using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Tests that unauthenticated connections to a peer's port are closed and reported with the reason, and that the right
/// peers come in all the same.</summary>
public sealed class TlsListenerTests : IDisposable
{
    TlsHarness harness = new();

    public void Dispose() => harness.Dispose();

    public static TheoryData<string, byte[]> Greetings => new()
    {
        { "text", "GET / HTTP/1.1\r\n\r\n"u8.ToArray() },
        { "ZMTP 1", [1, 0] },
        { "ZMTP 2", [.. Signature, 1, 7, 0, 0] },
        { "ZMTP 3", Zmtp3 },
        { "a READY with a property of 4 GiB",
            [.. Zmtp3, 4, 26, 5, .. "READY"u8, 11, .. "Socket-Type"u8, 0xff, 0xff, 0xff, 0xff, .. "PUSH"u8] },
        { "all zeros", new byte[100] },
    };

    static byte[] Signature => [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f];

    static byte[] Zmtp3 => [.. Signature, 3, 0, .. "NULL"u8, .. new byte[48]];

    [Theory]
    [MemberData(nameof(Greetings))]
    public async Task What_begins_no_tls_is_closed_without_an_answer_and_a_ZeroMQ_socket_is_named(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        NetworkStream stream = harness.Connect();
        await stream.WriteAsync(bytes);
        Assert.Equal(0, await ReadToEndAsync(stream));
        await AssertRejectedAsync(bytes[0] == Signature[0] ? RejectionReason.NotEncrypted : RejectionReason.NoTls);
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("RSA")]
    [InlineData("P-384")]
    [InlineData("TLS 1.2")]
    public async Task A_handshake_that_proves_no_key_of_a_peers_kind_is_closed(string what)
    {
        using X509Certificate2? certificate = what switch
        {
            "RSA" => OfRsa(),
            "P-384" => Of(ECCurve.NamedCurves.nistP384),
            "TLS 1.2" => Of(ECCurve.NamedCurves.nistP256),
            _ => null,
        };
        using var stream = new SslStream(harness.Connect());
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await ShakeHandsAsync(stream, certificate, what == "TLS 1.2" ? SslProtocols.Tls12 : SslProtocols.Tls13);
            // In TLS 1.3 a client is done before the server has looked at its certificate.
            await stream.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(LoopbackTransports.Patience);
        });
        await AssertRejectedAsync(RejectionReason.HandshakeFailed);
    }

    [Fact]
    public async Task Another_key_is_told_by_its_text()
    {
        using var stream = new SslStream(harness.Connect());
        await ShakeHandsAsync(stream, new PeerCertificate(harness.Intruder).Context.TargetCertificate);
        await stream.WriteAsync(BytesOf(TlsHarness.Preamble));
        Assert.Equal((int)PreambleAnswer.KeyUnknown, stream.ReadByte());
        Assert.Equal(-1, stream.ReadByte());
        await AssertRejectedAsync(RejectionReason.UnknownKey, $"{harness.Intruder.Public}");
    }

    [Fact]
    public async Task Its_own_key_is_no_other_peers()
    {
        using var stream = new SslStream(harness.Connect());
        await ShakeHandsAsync(stream, new PeerCertificate(harness.Keys[0]).Context.TargetCertificate);
        await stream.WriteAsync(BytesOf(TlsHarness.Preamble));
        await AssertRejectedAsync(RejectionReason.UnknownKey, $"{harness.Keys[0].Public}");
    }

    [Theory]
    [InlineData(0, 0x4d)] // another magic
    [InlineData(4, 2)] // a later version
    [InlineData(5, 2)] // no channel
    [InlineData(-1, 0)] // no session
    public async Task A_preamble_of_another_version_is_answered_and_told(int at, byte value)
    {
        byte[] bytes = BytesOf(at < 0 ? TlsHarness.Preamble with { Session = 0 } : TlsHarness.Preamble);
        if (at >= 0)
            bytes[at] = value;
        using var stream = new SslStream(harness.Connect());
        await ShakeHandsAsync(stream, new PeerCertificate(harness.Keys[1]).Context.TargetCertificate);
        await stream.WriteAsync(bytes);
        Assert.Equal((int)PreambleAnswer.OtherVersion, stream.ReadByte());
        await AssertRejectedAsync(RejectionReason.OtherVersion, $"{harness.Keys[1].Public}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_handshake_that_is_not_finished_ends_with_its_time(int bytes)
    {
        harness.Dispose();
        harness = new TlsHarness(clock: new AcceleratedTime(10));
        NetworkStream stream = harness.Connect();
        await stream.WriteAsync(new byte[] { 22, 3, 1, 2, 0 }.AsMemory(0, bytes));
        Assert.Equal(0, await ReadToEndAsync(stream));
        Assert.Equal(RejectionReason.TimedOut, Assert.Single(harness.Rejected).Reason);
        Assert.Empty(harness.Admitted);
    }

    [Fact]
    public async Task A_thousand_connections_that_never_finish_keep_no_peer_out()
    {
        const int Intruders = 1000, AtOnceFromOneAddress = 16;
        for (int i = 0; i < Intruders; i++)
            await harness.Connect().WriteAsync(new byte[] { 22, 3, 1 });
        Assert.Equal(DialOutcome.Connected, (await harness.DialAsync()).Outcome);
        LoopbackTransports.Until(() => harness.Rejected.Count >= Intruders - AtOnceFromOneAddress, "the oldest give way");
        Assert.All(harness.Rejected.Take(Intruders - AtOnceFromOneAddress),
            rejection => Assert.Equal(RejectionReason.TooMany, rejection.Reason));
    }

    [Fact]
    public async Task Nobody_is_let_in_or_kept_waiting_after_the_end()
    {
        NetworkStream stream = harness.Connect();
        await stream.WriteAsync(new byte[] { 22, 3, 1 });
        int port = harness.Listener.Port;
        harness.Listener.Dispose();
        Assert.Equal(0, await ReadToEndAsync(stream));
        Assert.Equal(DialOutcome.Refused, (await harness.DialAsync(port: port)).Outcome);
        Assert.Empty(harness.Rejected); // nobody is to blame
    }

    async Task AssertRejectedAsync(RejectionReason reason, string key = "")
    {
        LoopbackTransports.Until(() => !harness.Rejected.IsEmpty, "it is told");
        Assert.Equal(new RejectedConnection(IPAddress.Loopback, reason, key), Assert.Single(harness.Rejected));
        Assert.Empty(harness.Admitted);
        Assert.Equal(DialOutcome.Connected, (await harness.DialAsync()).Outcome);
    }

    static Task ShakeHandsAsync(SslStream stream, X509Certificate2? certificate, SslProtocols protocols = SslProtocols.Tls13) =>
        stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "",
            EnabledSslProtocols = protocols,
            ClientCertificateContext = certificate is null
                ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });

    static byte[] BytesOf(LinkPreamble preamble)
    {
        var bytes = new byte[LinkPreamble.Length];
        preamble.Write(bytes);
        return bytes;
    }

    static X509Certificate2 Of(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return new CertificateRequest("CN=p1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    static X509Certificate2 OfRsa()
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=p1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    /// <summary>The number of bytes that come until the connection ends, in whatever way.</summary>
    static async Task<int> ReadToEndAsync(NetworkStream stream)
    {
        int length = 0;
        try
        {
            while (await stream.ReadAsync(new byte[100]).AsTask().WaitAsync(LoopbackTransports.Patience) is > 0 and int read)
                length += read;
        }
        catch (IOException)
        {
            // Closed with something unread.
        }
        return length;
    }
}
