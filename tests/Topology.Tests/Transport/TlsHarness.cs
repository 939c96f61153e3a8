using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>The listener of peer 0 of three, what it let in and what it turned away, and others that dial it or stand in its
/// place.</summary>
sealed class TlsHarness : IDisposable
{
    const int Peers = 3;

    public static readonly LinkPreamble Preamble = new(LinkChannel.Data, 0xfedc_ba98_7654_3210, 41234);

    readonly List<IDisposable> opened = [];

    /// <param name="host">The address to listen at.</param>
    /// <param name="clock">The clock of the listener's time limits.</param>
    /// <param name="own">The listener's key; null: peer 0's.</param>
    public TlsHarness(string host = "127.0.0.1", TimeProvider? clock = null, PeerKeyPair? own = null)
    {
        Listener = new TlsListener(new HostPort(host, 0),
            own is null ? LoopbackTransports.Keys(Keys, 0) : new LinkKeys(own, [null, Keys[1].Public, Keys[2].Public]), Peers,
            clock ?? TimeProvider.System, (peer, _, preamble, connection) => Admitted.Enqueue((peer, preamble, connection)),
                Rejected.Enqueue);
        Listener.Start();
    }

    public PeerKeyPair[] Keys { get; } = [PeerKeyPair.Create(), PeerKeyPair.Create(), PeerKeyPair.Create()];

    public PeerKeyPair Intruder { get; } = PeerKeyPair.Create();

    public TlsListener Listener { get; }

    public ConcurrentQueue<(int Peer, LinkPreamble Preamble, TlsConnection Connection)> Admitted { get; } = new();

    public ConcurrentQueue<RejectedConnection> Rejected { get; } = new();

    public void Dispose()
    {
        Listener.Dispose();
        foreach (IDisposable thing in opened.Concat(Admitted.Select(one => one.Connection)).Concat(Keys).Append(Intruder))
            thing.Dispose();
    }

    /// <summary>Peer 1 dials.</summary>
    /// <param name="peer">Who is expected there.</param>
    /// <param name="host">The host to dial.</param>
    /// <param name="port">The port; null: the listener's.</param>
    /// <param name="own">The dialler's key; null: peer 1's.</param>
    /// <param name="lookUp">Looks names up; null: no name is to be looked up.</param>
    /// <param name="clock">The clock of time limits.</param>
    public async Task<DialResult> DialAsync(int peer = 0, string host = "127.0.0.1", int? port = null, PeerKeyPair? own = null,
        Func<string, IPAddress[]>? lookUp = null, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        var resolver = new NameResolver(lookUp ?? (name => throw new InvalidOperationException($"{name} is looked up")), clock);
        var keys = own is null ? LoopbackTransports.Keys(Keys, 1) : new LinkKeys(own, [Keys[0].Public, null, Keys[2].Public]);
        var dialer = new TlsDialer(new HostPort(host, port ?? Listener.Port), peer, keys, index => $"p{index}", resolver, clock);
        var (result, connection) = await dialer.DialAsync(Preamble, CancellationToken.None)
            .WaitAsync(LoopbackTransports.Patience);
        Assert.Equal(result.Outcome == DialOutcome.Connected, connection is not null);
        if (connection is not null)
            Add(connection);
        Assert.Equal((host, port ?? Listener.Port), (result.Host, result.Port));
        return result;
    }

    /// <summary>A program that takes each connection at a port of its own and does something with it.</summary>
    /// <returns>The port.</returns>
    public int Serve(Func<NetworkStream, Task> serve)
    {
        var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Add(server);
        _ = AcceptAsync();
        return ((IPEndPoint)server.LocalEndpoint).Port;

        async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = ServeAsync(await server.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        async Task ServeAsync(TcpClient client)
        {
            Add(client);
            try
            {
                await serve(client.GetStream());
            }
            catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException)
            {
                // The dialler hung up.
            }
            client.Dispose();
        }
    }

    /// <summary>A TLS server.</summary>
    public int ServeTls(X509Certificate2 certificate, Func<SslStream, Task> serve) => Serve(async network =>
    {
        var stream = new SslStream(network);
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        await serve(stream);
    });

    /// <summary>A TCP connection to the listener.</summary>
    public NetworkStream Connect()
    {
        var client = new TcpClient("127.0.0.1", Listener.Port);
        Add(client);
        return client.GetStream();
    }

    void Add(IDisposable thing)
    {
        lock (opened)
            opened.Add(thing);
    }
}
