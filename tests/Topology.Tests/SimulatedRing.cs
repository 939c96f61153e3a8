using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
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
        TieRule ties = TieRule.Previous, int segmentWords = 0, Func<int, MemberOptions, MemberOptions>? change = null, int stateLength = 100)
    {
        (Peers, Parameters, Ties) = (peers, parameters, ties);
        random = new Random(seed);
        Network = new SimulatedNetwork(Loop.Clock, peers, new Random(seed + 1));
        Members = new Member[peers];
        States = new MemoryState[peers];
        for (int peer = 0; peer < peers; peer++)
        {
            States[peer] = new MemoryState(parameters, stateLength);
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
            Members[peer].Happened += happened => Events.Add(new Told(Loop.Clock.Elapsed, self, happened));
        }
    }

    public VirtualLoop Loop { get; } = new();

    public SimulatedNetwork Network { get; }

    public Member[] Members { get; }

    public MemoryState[] States { get; }

    public List<Told> Events { get; } = [];

    public int Peers { get; }

    public int Parameters { get; }

    public TieRule Ties { get; }

    /// <summary>The texts that one peer's operator was told, of one kind.</summary>
    public string[] Texts(int peer, RingEventKind kind) =>
        [.. Events.Where(told => told.Peer == peer && told.Event.Kind == kind).Select(told => told.Event.Text)];

    /// <summary>Runs something for each peer, until all are done.</summary>
    public T[] ForAll<T>(Func<int, Task<T>> peer) =>
        Loop.Run(() => Task.WhenAll(Enumerable.Range(0, Peers).Select(peer)), TimeSpan.FromSeconds(Seconds));

    /// <summary>Votes with a ballot that follows from peer and step.</summary>
    public Task<StepRecord?> VoteAsync(int peer, long step, ChainDigest weights = default) => Members[peer].VoteAsync(
        new StepVote(step, Oracle.RandomBallot(new Random((int)step * 100 + peer), Parameters, 0.01), peer, 0.01f, 0.1f, weights));

    /// <summary>Joins, votes until a step or the ring's end, leaves.</summary>
    /// <returns>The digests of the steps that were committed, and why it ended early, if it did.</returns>
    public async Task<Outcome> TrainAsync(int peer, long steps, Func<long, Task>? before = null, Func<long, ChainDigest>? weights = null)
    {
        var committed = new List<ChainDigest>();
        try
        {
            View view = await Members[peer].JoinAsync();
            for (long step = view.FirstStep; step <= steps; step++)
            {
                if (before is not null)
                    await before(step);
                if (await VoteAsync(peer, step, weights?.Invoke(step) ?? default) is not { } record)
                    break;
                committed.Add(record.Digest);
            }
            await Members[peer].LeaveAsync();
            return new Outcome(committed, null, Loop.Clock.Elapsed);
        }
        catch (RingException e)
        {
            return new Outcome(committed, e, Loop.Clock.Elapsed);
        }
    }

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

/// <summary>What a peer's operator was told, and when.</summary>
readonly record struct Told(TimeSpan At, int Peer, RingEvent Event);

/// <summary>How a peer's training ended.</summary>
sealed record Outcome(List<ChainDigest> Committed, RingException? Reason, TimeSpan At)
{
    public string Message => Reason?.Message ?? "left in order";
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
