using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>
/// The transport in memory, on a virtual clock, with seeded faults. Frames are encoded and decoded as on the real one, so that
/// flipped bits reach the same code.
/// </summary>
sealed class SimulatedNetwork
{
    // As many frames of one sender wait for a frozen process; the socket's queue is full then.
    const int HighWaterMark = 1000;
    static readonly TimeSpan betweenDials = TimeSpan.FromMilliseconds(250), longestRefusal = TimeSpan.FromMilliseconds(20);

    readonly VirtualClock clock;
    readonly Random random;
    readonly Endpoint[] endpoints;
    readonly ArrayBufferWriter<byte> envelope = new(FrameHeader.MaxLength);
    readonly Dictionary<(int From, int To, LinkChannel Channel), TimeSpan> lastArrival = [];
    readonly int[,] cuts;
    readonly TimeSpan[,] lastDial, pairFree;
    readonly TimeSpan[] uplinkFree;

    /// <summary>Makes the links among some peers.</summary>
    /// <param name="clock">The clock that delays run on.</param>
    /// <param name="peers">How many peers.</param>
    /// <param name="random">The seeded source of all faults.</param>
    public SimulatedNetwork(VirtualClock clock, int peers, Random random)
    {
        (this.clock, this.random) = (clock, random);
        (cuts, lastDial) = (new int[peers, peers], new TimeSpan[peers, peers]);
        (pairFree, uplinkFree) = (new TimeSpan[peers, peers], new TimeSpan[peers]);
        endpoints = new Endpoint[peers];
        for (int peer = 0; peer < peers; peer++)
            endpoints[peer] = new Endpoint(this, peer);
    }

    /// <summary>The faults of frames sent from now on.</summary>
    public NetworkFaults Faults { get; set; } = NetworkFaults.None;

    /// <summary>True when the links are as encrypted ones; bits are not to be flipped then.</summary>
    public bool Authenticates { get; init; }

    /// <summary>Decides which links are cut beside those of <see cref="Cut"/>, by sender and receiver; null: none.</summary>
    public Func<int, int, bool>? IsCut { get; set; }

    /// <summary>The longest payload that a link carries, by sender and receiver; longer ones are lost. Null: any.</summary>
    public Func<int, int, int>? LongestPayload { get; set; }

    /// <summary>The time that a frame takes beside that of <see cref="Faults"/>, by sender and receiver; null: none.</summary>
    public Func<int, int, TimeSpan>? Distance { get; set; }

    /// <summary>The speeds of data, by sender and receiver; null: any. Control frames are short and have connections of their
    /// own.</summary>
    public Func<int, int, PathSpeed?>? Speed { get; set; }

    /// <summary>Sees every frame that is sent.</summary>
    public FrameSpy? Sent { get; set; }

    /// <summary>The links of one peer's present process.</summary>
    public ITransport TransportOf(int peer) => endpoints[peer];

    /// <summary>Loses all frames from one peer to another, until <see cref="Restore"/> was called as often.</summary>
    public void Cut(int from, int to) => cuts[from, to]++;

    /// <summary>Takes one <see cref="Cut"/> back.</summary>
    public void Restore(int from, int to) => cuts[from, to]--;

    /// <summary>The links of a new process of a peer, in the place of its last one's.</summary>
    public ITransport Open(int peer)
    {
        endpoints[peer].Close(refuses: false);
        return endpoints[peer] = new Endpoint(this, peer);
    }

    /// <summary>The peer's process is gone: nothing of it is sent, what comes for it vanishes.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="refuses">Whether its host lives and tells the others that its port is closed; false: the host is gone,
    /// too.</param>
    public void Close(int peer, bool refuses)
    {
        endpoints[peer].Close(refuses);
        for (int other = 0; other < endpoints.Length; other++)
        {
            if (other != peer && refuses)
                Refuse(other, peer);
        }
    }

    /// <summary>The peer's process takes nothing more, until it is let go.</summary>
    public void Freeze(int peer) => endpoints[peer].Freeze();

    /// <summary>Lets the peer's process go; returns what has come for it, each to be run once.</summary>
    public IReadOnlyList<Action> Thaw(int peer) => endpoints[peer].Thaw();

    void Carry(int from, int to, LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Sent?.Invoke(from, to, header, payload);
        envelope.ResetWrittenCount();
        header.Write(envelope);
        endpoints[from].Counters.Sent(to, header, envelope.WrittenCount, payload.Length);
        if (Blocks(from, to) || payload.Length > LongestPayload?.Invoke(from, to))
            return;
        if (endpoints[to].Refuses && clock.Elapsed - lastDial[from, to] >= betweenDials)
            Refuse(from, to);
        TimeSpan sent = channel == LinkChannel.Data && Speed?.Invoke(from, to) is { } speed
            ? Transmit(from, to, envelope.WrittenCount + payload.Length, speed) : clock.Elapsed;
        int copies = Happens(Faults.Loss) ? 0 : Happens(Faults.Repeat) ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            byte[] first = envelope.WrittenSpan.ToArray(), second = payload.ToArray();
            if (Happens(Faults.Corrupt))
                Flip(random.Next(3) == 0 && second.Length > 0 ? second : first);
            TimeSpan arrival = sent + Delay() + DistanceOf(from, to);
            if (!Faults.Reorder && lastArrival.TryGetValue((from, to, channel), out TimeSpan last) && arrival < last)
                arrival = last;
            lastArrival[(from, to, channel)] = arrival;
            // Who is there when it arrives takes it: a queue outlives the process at its other end.
            clock.After(arrival - clock.Elapsed, () => endpoints[to].Deliver(from, first, second));
        }
    }

    bool Blocks(int from, int to) => cuts[from, to] > 0 || IsCut?.Invoke(from, to) == true;

    /// <summary>Tells the peer that dials that the port is closed, if the answer can come back.</summary>
    void Refuse(int dialler, int peer)
    {
        lastDial[dialler, peer] = clock.Elapsed;
        if (Blocks(dialler, peer) || Blocks(peer, dialler))
            return;
        TimeSpan told = clock.Elapsed + longestRefusal * random.NextDouble() + DistanceOf(dialler, peer)
            + DistanceOf(peer, dialler);
        // A connection ends after what was sent over it: nobody dials before that has come.
        foreach (LinkChannel channel in Enum.GetValues<LinkChannel>())
        {
            if (lastArrival.TryGetValue((peer, dialler, channel), out TimeSpan last) && last > told)
                told = last;
        }
        clock.After(told - clock.Elapsed, () => endpoints[dialler].ReportDisconnect(peer));
    }

    /// <summary>Sends after what was sent before, over the sender's uplink and then the pair's own link.</summary>
    TimeSpan Transmit(int from, int to, int bytes, PathSpeed speed)
    {
        uplinkFree[from] = Later(clock.Elapsed, uplinkFree[from]) + TimeSpan.FromSeconds(bytes / speed.Uplink);
        return pairFree[from, to] = Later(uplinkFree[from], pairFree[from, to]) + TimeSpan.FromSeconds(bytes / speed.Pair);
    }

    static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    TimeSpan DistanceOf(int from, int to) => Distance?.Invoke(from, to) ?? TimeSpan.Zero;

    bool Happens(double chance) => chance > 0 && random.NextDouble() < chance;

    TimeSpan Delay()
    {
        long range = Faults.LongestDelay.Ticks - Faults.ShortestDelay.Ticks;
        return Faults.ShortestDelay + TimeSpan.FromTicks(range > 0 ? random.NextInt64(range) : 0);
    }

    void Flip(byte[] bytes) => bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));

    sealed class Endpoint(SimulatedNetwork network, int self) : ITransport
    {
        const byte Overwritten = 0xA5;

        List<Action>? waiting; // not null while frozen
        int[] waitingOf = [];
        bool isClosed;

        public FrameHandler? Handler { get; set; }

        public Action<int>? PeerDisconnected { get; set; }

        public Action<int>? ConnectionClosed { get; set; }

        public Action<RejectedConnection>? Rejected { get; set; }

        public bool IsAuthenticated => network.Authenticates;

        public LinkCounters Counters { get; } = new(network.endpoints.Length);

        public bool Refuses { get; private set; }

        public void Send(int to, LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
        {
            if (!isClosed)
                network.Carry(self, to, channel, header, payload);
        }

        public void Deliver(int from, byte[] envelope, byte[] payload)
        {
            if (waiting is not null)
            {
                if (waitingOf[from]++ < HighWaterMark)
                    waiting.Add(() => Take(from, envelope, payload));
                return;
            }
            Take(from, envelope, payload);
        }

        public void ReportDisconnect(int peer)
        {
            if (waiting is not null)
                waiting.Add(() => ReportDisconnect(peer));
            else if (!isClosed)
                PeerDisconnected?.Invoke(peer);
        }

        public void Freeze()
        {
            waiting ??= [];
            waitingOf = new int[network.endpoints.Length];
        }

        public IReadOnlyList<Action> Thaw()
        {
            List<Action> came = waiting ?? [];
            waiting = null;
            return came;
        }

        public void Close(bool refuses)
        {
            (isClosed, Refuses) = (true, refuses);
            waiting = null;
        }

        void Take(int from, byte[] envelope, byte[] payload)
        {
            if (isClosed)
                return;
            Counters.Received(from, envelope.Length + payload.Length);
            // The memory is valid during the call only: it is overwritten after it, as the sockets' arrays are by later frames.
            byte[] head = [.. envelope], body = [.. payload];
            Handler?.Invoke(from, head, body);
            Array.Fill(head, Overwritten);
            Array.Fill(body, Overwritten);
        }
    }
}
