using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Tests of the results of dialling a peer's port, by who listens there.</summary>
public sealed class TlsDialerTests : IDisposable
{
    // A limit of three seconds is over in a quarter of one.
    static readonly AcceleratedTime hasty = new(12);

    readonly TlsHarness harness = new();
    readonly TaskCompletionSource end = new();

    public void Dispose()
    {
        end.SetResult();
        harness.Dispose();
    }

    [Fact]
    public async Task Peers_who_know_each_others_keys_are_connected()
    {
        Assert.Equal((DialOutcome.Connected, "127.0.0.1"), Result(await harness.DialAsync()));
        LoopbackTransports.Until(() => harness.Admitted.Count == 1, "it is let in");
        Assert.Equal((1, TlsHarness.Preamble), harness.Admitted.Select(one => (one.Peer, one.Preamble)).Single());
        Assert.Empty(harness.Rejected);
    }

    [Fact]
    public async Task A_key_that_nobody_of_the_roster_has_is_named()
    {
        using var intruder = new TlsHarness(own: harness.Intruder);
        Assert.Equal((DialOutcome.UnknownKey, $"{harness.Intruder.Public}"),
            Result(await harness.DialAsync(port: intruder.Listener.Port)));
        Assert.Empty(intruder.Admitted);
    }

    [Fact]
    public async Task Another_peer_of_the_roster_is_named() =>
        Assert.Equal((DialOutcome.OtherPeer, "p0"), Result(await harness.DialAsync(peer: 2)));

    [Fact]
    public async Task A_peer_that_reaches_itself_is_told()
    {
        using var own = new TlsHarness(own: harness.Keys[1]);
        Assert.Equal((DialOutcome.Self, ""), Result(await harness.DialAsync(port: own.Listener.Port)));
        Assert.Empty(own.Admitted);
    }

    [Fact]
    public async Task Who_does_not_know_our_key_says_so() =>
        Assert.Equal((DialOutcome.OurKeyUnknown, ""), Result(await harness.DialAsync(own: harness.Intruder)));

    [Fact]
    public async Task A_peer_without_encryption_is_told_from_other_programs()
    {
        using var socket = new PullSocket();
        int port = socket.BindRandomPort("tcp://127.0.0.1");
        Assert.Equal((DialOutcome.NotEncrypted, ""), Result(await harness.DialAsync(port: port)));
    }

    [Fact]
    public async Task A_web_server_is_no_peer()
    {
        int port = harness.Serve(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[4]);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray());
            stream.Socket.Shutdown(SocketShutdown.Send);
        });
        Assert.Equal((DialOutcome.NotAPeer, ""), Result(await harness.DialAsync(port: port)));
    }

    [Fact]
    public async Task A_tls_server_with_another_kind_of_key_is_no_peer()
    {
        using var rsa = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=web", rsa, HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        int port = harness.ServeTls(certificate, _ => end.Task);
        Assert.Equal((DialOutcome.NotAPeer, ""), Result(await harness.DialAsync(port: port)));
    }

    [Fact]
    public async Task Who_accepts_and_says_nothing_has_not_answered()
    {
        Assert.Equal(DialOutcome.TimedOut, (await harness.DialAsync(port: harness.Serve(_ => end.Task), clock: hasty)).Outcome);
    }

    [Fact]
    public async Task A_peer_that_stops_after_the_handshake_has_not_answered()
    {
        int port = harness.ServeTls(new PeerCertificate(harness.Keys[0]).Context.TargetCertificate, _ => end.Task);
        Assert.Equal(DialOutcome.TimedOut, (await harness.DialAsync(port: port, clock: new AcceleratedTime(3))).Outcome);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_after_the_handshake_has_closed()
    {
        int port = harness.ServeTls(new PeerCertificate(harness.Keys[0]).Context.TargetCertificate, async stream =>
        {
            await stream.ReadExactlyAsync(new byte[LinkPreamble.Length]);
            await stream.DisposeAsync();
        });
        Assert.Equal((DialOutcome.Closed, ""), Result(await harness.DialAsync(port: port)));
    }

    [Theory]
    [InlineData(2, DialOutcome.OurKeyUnknown)]
    [InlineData(3, DialOutcome.OtherVersion)]
    [InlineData(99, DialOutcome.OtherVersion)] // a later version may have more to say
    internal async Task What_the_other_side_answers_is_told(byte answer, DialOutcome outcome)
    {
        int port = harness.ServeTls(new PeerCertificate(harness.Keys[0]).Context.TargetCertificate, async stream =>
        {
            await stream.ReadExactlyAsync(new byte[LinkPreamble.Length]);
            await stream.WriteAsync(new[] { answer });
            await end.Task;
        });
        Assert.Equal((outcome, ""), Result(await harness.DialAsync(port: port)));
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_refused() =>
        Assert.Equal((DialOutcome.Refused, ""), Result(await harness.DialAsync(port: LoopbackPorts.Take())));

    [Fact]
    public async Task A_name_that_is_unknown_is_told() =>
        Assert.Equal((DialOutcome.NameUnknown, ""),
            Result(await harness.DialAsync(host: "nobody.test",
                lookUp: _ => throw new SocketException((int)SocketError.HostNotFound))));

    [Fact]
    public async Task A_text_that_is_no_name_at_all_is_unknown() =>
        Assert.Equal((DialOutcome.NameUnknown, ""),
            Result(await harness.DialAsync(host: new string('x', 300), lookUp: Dns.GetHostAddresses)));

    [Fact]
    public async Task A_name_server_that_is_silent_is_told()
    {
        Assert.Equal((DialOutcome.NameTimedOut, ""), Result(await harness.DialAsync(host: "peer.test", clock: hasty, lookUp: _ =>
        {
            end.Task.Wait();
            return [IPAddress.Loopback];
        })));
    }

    [LinuxFact("a whole network of loopback addresses")]
    public async Task All_addresses_of_a_name_are_tried_until_one_answers()
    {
        IPAddress[] addresses = [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback];
        Assert.Equal((DialOutcome.Connected, "127.0.0.1"),
            Result(await harness.DialAsync(host: "peer.test", lookUp: _ => addresses)));
    }

    [LinuxFact("a whole network of loopback addresses")]
    public async Task The_address_that_was_reached_best_is_told()
    {
        IPAddress[] addresses = [IPAddress.Loopback, IPAddress.Parse("127.0.0.2")];
        Assert.Equal(DialOutcome.OtherPeer,
            (await harness.DialAsync(peer: 2, host: "peer.test", lookUp: _ => addresses)).Outcome);
    }

    [IPv6Fact]
    public async Task A_peer_may_listen_at_an_ipv6_address()
    {
        using var listening = new TlsHarness("::1");
        Assert.Equal((DialOutcome.Connected, "::1"), Result(await listening.DialAsync(host: "::1")));
    }

    [IPv6Fact]
    public async Task All_interfaces_are_those_of_both_ip_versions_and_an_ipv4_address_is_told_as_one()
    {
        using var listening = new TlsHarness("*");
        Assert.Equal(DialOutcome.Connected, (await listening.DialAsync(host: "::1")).Outcome);
        Assert.Equal(DialOutcome.Connected, (await listening.DialAsync()).Outcome);
        Assert.Equal(DialOutcome.OurKeyUnknown, (await listening.DialAsync(own: listening.Intruder)).Outcome);
        LoopbackTransports.Until(() => !listening.Rejected.IsEmpty, "the stranger is reported");
        Assert.Equal(new RejectedConnection(IPAddress.Loopback, RejectionReason.UnknownKey, $"{listening.Intruder.Public}"),
            Assert.Single(listening.Rejected));
    }

    static (DialOutcome, string) Result(DialResult result) => (result.Outcome, result.Detail);
}
