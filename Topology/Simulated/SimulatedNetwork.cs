using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Links;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>
/// The mesh in memory, on a virtual clock, with seeded faults. Frames are encoded and decoded as on the real one, so that flipped
/// bits reach the same code.
/// </summary>
public sealed class SimulatedNetwork
{
    readonly VirtualClock clock;
    readonly Random random;
    readonly Endpoint[] endpoints;
    readonly ArrayBufferWriter<byte> envelope = new(FrameHeader.MaxLength);
    readonly Dictionary<(int From, int To, Channel Channel), TimeSpan> lastArrival = [];

    /// <summary>Makes the links among some peers.</summary>
    /// <param name="clock">The clock that delays run on.</param>
    /// <param name="peers">How many peers.</param>
    /// <param name="random">The seeded source of all faults.</param>
    public SimulatedNetwork(VirtualClock clock, int peers, Random random)
    {
        (this.clock, this.random) = (clock, random);
        endpoints = new Endpoint[peers];
        for (int peer = 0; peer < peers; peer++)
            endpoints[peer] = new Endpoint(this, peer);
    }

    /// <summary>What happens to frames sent from now on.</summary>
    public NetworkFaults Faults { get; set; } = NetworkFaults.None;

    /// <summary>Decides which links are cut, by sender and receiver; null: none.</summary>
    public Func<int, int, bool>? IsCut { get; set; }

    /// <summary>The links of one peer.</summary>
    public IMesh MeshOf(int peer) => endpoints[peer];

    void Carry(int from, int to, Channel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        envelope.ResetWrittenCount();
        header.Write(envelope);
        endpoints[from].Counters.Sent(header, envelope.WrittenCount, payload.Length);
        if (IsCut?.Invoke(from, to) == true)
            return;
        int copies = Happens(Faults.Loss) ? 0 : Happens(Faults.Repeat) ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            byte[] first = envelope.WrittenSpan.ToArray(), second = payload.ToArray();
            if (Happens(Faults.Corrupt))
                Flip(random.Next(3) == 0 && second.Length > 0 ? second : first);
            TimeSpan arrival = clock.Elapsed + Delay();
            if (!Faults.Reorder && lastArrival.TryGetValue((from, to, channel), out TimeSpan last) && arrival < last)
                arrival = last;
            lastArrival[(from, to, channel)] = arrival;
            clock.After(arrival - clock.Elapsed, () => endpoints[to].Deliver(from, first, second));
        }
    }

    bool Happens(double chance) => chance > 0 && random.NextDouble() < chance;

    TimeSpan Delay()
    {
        long range = Faults.LongestDelay.Ticks - Faults.ShortestDelay.Ticks;
        return Faults.ShortestDelay + TimeSpan.FromTicks(range > 0 ? random.NextInt64(range) : 0);
    }

    void Flip(byte[] bytes) => bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));

    sealed class Endpoint(SimulatedNetwork network, int self) : IMesh
    {
        public FrameHandler? Handler { get; set; }

        public Action<int>? Refused { get; set; }

        public LinkCounters Counters { get; } = new();

        public void Send(int to, Channel channel, in FrameHeader header, ReadOnlySpan<byte> payload) =>
            network.Carry(self, to, channel, header, payload);

        public void Deliver(int from, byte[] envelope, byte[] payload)
        {
            Counters.Received(envelope.Length + payload.Length);
            Handler?.Invoke(from, envelope, payload);
        }
    }
}
