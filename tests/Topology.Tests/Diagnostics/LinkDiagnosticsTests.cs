using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Tests.Transport;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Diagnostics;

/// <summary>Tests of the findings about links over real sockets of this host.</summary>
public sealed class LinkDiagnosticsTests
{
    static readonly TimeSpan Wait = TimeSpan.FromSeconds(3), LongWait = TimeSpan.FromSeconds(20);

    static readonly HashSet<string> None = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Those_that_look_answer_each_other_and_are_done_soon(bool secure)
    {
        TransportEndpoints[] endpoints = Endpoints(3, secure);
        IReadOnlyList<LinkDiagnosis>[] all = await CheckAsync(LongWait, endpoints, _ => Parts("1"));
        Assert.All(all.SelectMany(diagnoses => diagnoses), diagnosis =>
        {
            Assert.True(diagnosis is
            {
                ReachesUs: true, ReachedByUs: true, CarriesLongFrames: true, ListenError: null,
                Dial: null or { Outcome: DialOutcome.Connected }, Differences.Count: 0
            }, $"{diagnosis}");
            Assert.InRange(diagnosis.RoundTrip!.Value.TotalSeconds, 0, 5);
            Assert.InRange(diagnosis.ClockAhead!.Value.TotalSeconds, -2.5, 2.5); // it is one clock
        });
    }

    [Fact]
    public async Task A_field_is_named_on_both_sides_and_one_that_is_unknown_is_not_compared()
    {
        TransportEndpoints[] endpoints = Endpoints(2, secure: true);
        IReadOnlyList<LinkDiagnosis>[] all = await CheckAsync(LongWait, endpoints, peer => Parts($"{peer}"));
        Assert.Equal([new("rate", "0", "1")], all[0][0].Differences);
        Assert.Equal([new("rate", "1", "0")], all[1][0].Differences);
        all = await CheckAsync(LongWait, Endpoints(2, secure: true), peer => Parts($"{peer}"), ["rate"]);
        Assert.All(all, diagnoses => Assert.Empty(diagnoses[0].Differences));
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_refused_and_a_name_that_nobody_has_is_not_found()
    {
        TransportEndpoints[] endpoints = Endpoints(3, secure: true);
        TransportEndpoints mine = endpoints[0] with { Connect = ["", endpoints[0].Connect[1], "tcp://nohost.invalid:7700"] };
        IReadOnlyList<LinkDiagnosis> found = (await CheckAsync(Wait, [mine], _ => Parts("1")))[0];
        Assert.Equal([DialOutcome.Refused, DialOutcome.NameUnknown], found.Select(diagnosis => diagnosis.Dial!.Outcome));
        Assert.All(found, diagnosis => Assert.False(diagnosis.ReachesUs || diagnosis.ReachedByUs || diagnosis.IsConnected));
    }

    [Fact]
    public async Task Keys_that_differ_are_told_from_links_that_stand()
    {
        // The second has another key than the first one's roster, and the first one's is not in the second's.
        TransportEndpoints[] one = Endpoints(2, secure: true), other = Endpoints(2, secure: true);
        IReadOnlyList<LinkDiagnosis>[] all = await CheckAsync(Wait, [one[0], one[1] with { Keys = other[1].Keys }],
            _ => Parts("1"));
        Assert.All(all, diagnoses => Assert.True(
            diagnoses[0] is { ReachesUs: false, ReachedByUs: false, IsConnected: false, Dial.Outcome: DialOutcome.UnknownKey },
            $"{diagnoses[0]}"));
    }

    /// <summary>An insecure peer has a port for each other one, and a secure peer listens at the first of its own only.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Encryption_on_one_side_only_is_seen_by_both(bool isDialledAtAnotherPort)
    {
        TransportEndpoints[] endpoints = Endpoints(2, secure: true);
        int port = new Uri(endpoints[0].Bind[1]).Port;
        TransportEndpoints insecure = endpoints[1] with { Keys = null, BasePorts = [port, 0] };
        if (isDialledAtAnotherPort)
            insecure = insecure with { Connect = [$"tcp://127.0.0.1:{LoopbackPorts.Take()}", ""] };
        IReadOnlyList<LinkDiagnosis>[] all = await CheckAsync(Wait, [endpoints[0], insecure], _ => Parts("1"));
        Assert.Equal(DialOutcome.NotEncrypted, all[0][0].Dial!.Outcome);
        Assert.Equal((DialOutcome.Encrypted, port), (all[1][0].Dial!.Outcome, all[1][0].Dial!.Port));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_that_works_one_way_only_is_seen_by_both(bool secure)
    {
        TransportEndpoints[] endpoints = Endpoints(2, secure);
        int nowhere = LoopbackPorts.Take();
        IReadOnlyList<LinkDiagnosis>[] all = await CheckAsync(Wait,
            [endpoints[0], endpoints[1] with { Connect = [$"tcp://127.0.0.1:{nowhere}", ""] }], _ => Parts("1"));
        Assert.True(all[0][0] is { ReachesUs: false, IsConnected: true }, $"{all[0][0]}");
        Assert.True(all[1][0] is { ReachesUs: true, ReachedByUs: false, Dial.Outcome: DialOutcome.Refused }, $"{all[1][0]}");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyy\r\n\r\n")]
    [InlineData("")]
    public async Task Something_else_at_a_port_is_told_as_that(string says)
    {
        TransportEndpoints[] endpoints = Endpoints(2, secure: true);
        using var listener = new TcpListener(IPAddress.Loopback, new Uri(endpoints[0].Connect[1]).Port);
        listener.Start();
        _ = Task.Run(async () =>
        {
            List<Socket> open = [];
            try
            {
                while (true)
                {
                    open.Add(await listener.AcceptSocketAsync());
                    await open[^1].SendAsync(System.Text.Encoding.ASCII.GetBytes(says));
                }
            }
            catch (SocketException)
            {
                open.ForEach(socket => socket.Dispose()); // the listener was stopped, or who dialled has gone
            }
        });
        IReadOnlyList<LinkDiagnosis> found = (await CheckAsync(2 * Wait, [endpoints[0]], _ => Parts("1")))[0];
        Assert.Equal(says.Length > 0 ? DialOutcome.NotAPeer : DialOutcome.TimedOut, found[0].Dial!.Outcome);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_the_others_are_looked_at()
    {
        TransportEndpoints[] endpoints = Endpoints(3, secure: false);
        using var taken = new TcpListener(IPAddress.Loopback, new Uri(endpoints[0].Bind[1]).Port);
        taken.Start();
        IReadOnlyList<LinkDiagnosis>[] all = await CheckAsync(Wait, endpoints, _ => Parts("1"));
        Assert.NotNull(all[0][0].ListenError);
        Assert.False(all[0][0].ReachesUs);
        Assert.True(all[0][1] is { ReachesUs: true, ReachedByUs: true, ListenError: null }, $"{all[0][1]}");
    }

    static FingerprintField[] Parts(string rate) => [new("run", "test"), new("rate", rate)];

    static TransportEndpoints[] Endpoints(int peers, bool secure) =>
        secure ? LoopbackTransports.SecureEndpoints(peers) : LoopbackTransports.Endpoints(peers);

    static async Task<IReadOnlyList<LinkDiagnosis>[]> CheckAsync(TimeSpan wait, TransportEndpoints[] endpoints,
        Func<int, FingerprintField[]> bucketsOf, HashSet<string>? unknown = null)
    {
        LinkDiagnostics[] checkups = [.. endpoints.Select((own, peer) =>
            new LinkDiagnostics(peer, own, bucketsOf(peer), unknown ?? None, (ulong)peer + 1, TimeProvider.System))];
        try
        {
            return await Task.WhenAll(checkups.Select(diagnostics => diagnostics.RunAsync(wait)))
                .WaitAsync(LoopbackTransports.Patience);
        }
        finally
        {
            foreach (LinkDiagnostics diagnostics in checkups)
                diagnostics.Dispose();
        }
    }
}
