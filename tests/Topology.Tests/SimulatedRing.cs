using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Links;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;

namespace DecentralizedLion.Topology.Tests;

/// <summary>Members of one ring on one thread: a virtual clock, a seeded network, seeded ballots.</summary>
sealed class SimulatedRing
{
    public const int Seconds = 3600;

    readonly Random random;

    public SimulatedRing(int peers, int parameters, int seed, ExchangeKind exchange = ExchangeKind.Ring,
        TieRule ties = TieRule.Previous, int segmentWords = 0, Func<int, MemberOptions, MemberOptions>? change = null)
    {
        (Peers, Parameters, Ties) = (peers, parameters, ties);
        random = new Random(seed);
        Network = new SimulatedNetwork(Loop.Clock, peers, new Random(seed + 1));
        Members = new Member[peers];
        States = new MemoryState[peers];
        for (int peer = 0; peer < peers; peer++)
        {
            States[peer] = new MemoryState(parameters);
            var options = new MemberOptions
            {
                Names = [.. Enumerable.Range(0, peers).Select(index => $"p{index}")],
                Self = peer,
                Fingerprint = new Fingerprint([new("run", "test"), new("parameters", $"{parameters}")]),
                Session = (ulong)random.NextInt64(1, long.MaxValue),
                Parameters = parameters,
                Exchange = exchange,
                Ties = ties,
                SegmentWords = segmentWords,
            };
            options = change?.Invoke(peer, options) ?? options;
            Members[peer] = new Member(options, Network.MeshOf(peer), States[peer], Loop.Clock, new Random(seed + 2 + peer));
            int self = peer;
            Members[peer].Happened += happened => Events.Add((self, happened));
        }
    }

    public VirtualLoop Loop { get; } = new();

    public SimulatedNetwork Network { get; }

    public Member[] Members { get; }

    public MemoryState[] States { get; }

    public List<(int Peer, RingEvent Event)> Events { get; } = [];

    public int Peers { get; }

    public int Parameters { get; }

    public TieRule Ties { get; }

    /// <summary>Runs all members for some steps, each with random ballots, and checks each record against the oracle.</summary>
    public void Run(int steps, double zeros, Func<int, long, bool>? relays = null, TimeSpan slowest = default)
    {
        var ballots = new Dictionary<(int Peer, long Step), Ballot?>();
        var losses = new Dictionary<(int Peer, long Step), float>();
        for (int step = 1; step <= steps; step++)
        {
            for (int peer = 0; peer < Peers; peer++)
            {
                ballots[(peer, step)] = relays?.Invoke(peer, step) == true ? null : Oracle.RandomBallot(random, Parameters, zeros);
                losses[(peer, step)] = random.NextSingle();
            }
        }
        var records = new List<StepRecord>[Peers];
        try
        {
            Loop.Run(async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, Peers).Select(RunPeer));
                return true;
            }, TimeSpan.FromSeconds(Seconds));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; {Describe(records)}", e);
        }

        int[] previous = new int[Parameters];
        for (int i = 0; i < Parameters; i++)
            previous[i] = Oracle.Bit(Coin.Word(0, i / 64), i % 64) ? 1 : -1;
        for (int step = 1; step <= steps; step++)
        {
            int[] voters = [.. Enumerable.Range(0, Peers).Where(peer => ballots[(peer, step)] is not null)];
            int[] expected = Oracle.Decide([.. voters.Select(peer => ballots[(peer, step)]!)], Parameters, Ties, step, previous);
            for (int peer = 0; peer < Peers; peer++)
            {
                StepRecord record = records[peer][step - 1];
                Assert.Equal(step, record.Step);
                Assert.Equal(voters, record.Voters);
                Assert.Equal(voters.Select(voter => losses[(voter, step)]), record.LossBits.Select(BitConverter.UInt32BitsToSingle));
                Assert.Equal(expected, Enumerable.Range(0, Parameters).Select(i => Oracle.Sign(record.Signs, record.Zeros, i)));
                Assert.Equal(records[0][step - 1].Digest, record.Digest);
            }
            for (int i = 0; i < Parameters; i++)
                previous[i] = expected[i] == 0 ? previous[i] : expected[i];
        }

        string Describe(List<StepRecord>[] records) => string.Join("; ", records.Select((list, peer) => $"p{peer} has {list?.Count ?? -1} records, "
            + string.Join(' ', Enum.GetValues<DropReason>().Select(reason => $"{reason}={Network.MeshOf(peer).Counters.Dropped(reason)}"))))
            + "\n" + string.Join("\n", Events.TakeLast(8).Select(e => $"p{e.Peer}: {e.Event.Text}"));

        async Task RunPeer(int peer)
        {
            records[peer] = [];
            var pace = new Random(peer);
            await Members[peer].JoinAsync();
            for (int step = 1; step <= steps; step++)
            {
                if (slowest > TimeSpan.Zero)
                    await Task.Delay(slowest * pace.NextDouble(), Loop.Clock);
                StepRecord? record = await Members[peer].VoteAsync(
                    new StepVote(step, ballots[(peer, step)], losses[(peer, step)], 0.01f, 0.1f, default));
                // The planes are the ring's; they are kept for the comparison at the end.
                records[peer].Add(record! with { Signs = [.. record.Signs], Zeros = record.Zeros?.ToArray() });
            }
            await Members[peer].LeaveAsync();
        }
    }
}

/// <summary>A replica of some bytes in memory.</summary>
sealed class MemoryState : IReplicaState
{
    public MemoryState(int parameters, int length = 100)
    {
        Previous = new ulong[BitPlanes.Words(parameters)];
        for (int word = 0; word < Previous.Length; word++)
            Previous[word] = Coin.Word(0, word);
        Previous[^1] &= BitPlanes.TailMask(parameters);
        Bytes = new byte[length];
    }

    public byte[] Bytes { get; set; }

    public long Step { get; set; }

    public ChainDigest Chain { get; set; }

    public ChainDigest Digest => ChainDigest.Of(Bytes);

    public long Length => Bytes.Length;

    public ulong[] Previous { get; }

    public void Read(long offset, Span<byte> destination) => Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public void Write(long offset, ReadOnlySpan<byte> source) => source.CopyTo(Bytes.AsSpan((int)offset));

    public void Joined(long step, ChainDigest chain, bool fetched) => (Step, Chain) = (step, chain);
}
