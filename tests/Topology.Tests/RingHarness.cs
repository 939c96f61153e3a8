using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests;

/// <summary>
/// Members of one ring on one thread: a virtual clock, a seeded network, disks in memory, and trainers that do what their ring
/// says. Whatever a trainer applies is compared with what the others applied.
/// </summary>
sealed class RingHarness
{
    readonly SortedDictionary<long, StepRecord> records = [];
    readonly Dictionary<long, uint> weights = [];

    public RingHarness(int peers, int parameters = 200, int seed = 1, bool authenticates = false)
    {
        (Parameters, Seed, BallotOf) = (parameters, seed, Ballots(parameters, seed));
        Network = new SimulatedNetwork(Loop.Clock, peers, new Random(seed + 1)) { Authenticates = authenticates };
        Peers = [.. Enumerable.Range(0, peers).Select(index => new HarnessPeer(this, index))];
    }

    public VirtualLoop Loop { get; } = new();

    public SimulatedNetwork Network { get; }

    public HarnessPeer[] Peers { get; }

    public List<RecordedEvent> Events { get; } = [];

    public int Parameters { get; }

    public int Seed { get; }

    public ExchangeKind? Exchange { get; init; } = ExchangeKind.Ring;

    public TieRule Ties { get; init; } = TieRule.Previous;

    public int SegmentWords { get; init; }

    public int CheckpointEvery { get; init; } = 50;

    public long LastStep { get; init; } = long.MaxValue;

    public RingTimings Timings { get; init; } = RingTimings.Default;

    /// <summary>The settings that a peer has to itself.</summary>
    public Func<int, RingOptions, RingOptions> Change { get; init; } = (_, options) => options;

    /// <summary>The journal of a peer, in the place of its disk's.</summary>
    public Func<int, IJournal, IJournal> Journal { get; init; } = (_, journal) => journal;

    /// <summary>The time that a gradient takes, by peer and step.</summary>
    public Func<int, long, TimeSpan> Compute { get; set; } = (_, _) => TimeSpan.FromMilliseconds(20);

    /// <summary>The ballots, by peer and step; null: none is cast.</summary>
    public Func<int, long, Ballot?> BallotOf { get; init; }

    /// <summary>The number that a peer's first weights follow from.</summary>
    public Func<int, ulong> InitialOf { get; init; } = _ => 0;

    public TimeSpan Now => Loop.Clock.Elapsed;

    /// <summary>The processes that run.</summary>
    public IEnumerable<HarnessProcess> Live => Peers.Where(peer => peer.Process is not null).Select(peer => peer.Process!);

    /// <summary>The record that was applied first in each step, by whichever peer; its planes are its own.</summary>
    public SortedDictionary<long, StepRecord> Records => records;

    /// <summary>Ballots of chance, without zeros.</summary>
    public static Func<int, long, Ballot?> Ballots(int parameters, int seed) => (peer, step) =>
    {
        var ballot = new Ballot(parameters);
        for (int word = 0; word < ballot.Words; word++)
            ballot.Signs[word] = TieHash.Word(seed * 1_000_003L + step * 256 + peer, word);
        ballot.Signs[^1] &= BitPlanes.TailMask(parameters);
        return ballot;
    };

    /// <summary>The same with a share of exact zeros, and a share of ballots that are not cast.</summary>
    public static Func<int, long, Ballot?> Ballots(int parameters, int seed, double zeros, double none = 0) => (peer, step) =>
    {
        Random random = Scenario.RandomOf(seed, peer, (int)step);
        return random.NextDouble() < none ? null : ReferenceMajority.RandomBallot(random, parameters, zeros);
    };

    public static float LossOf(int peer, long step) => peer + step / 1000f;

    public static StepRates Rates(long step) => new(0.01f / (1 + step % 3), 0.1f);

    public void StartAll()
    {
        foreach (HarnessPeer peer in Peers)
            peer.Start();
    }

    /// <summary>Starts all and waits until all take part and have made a few steps.</summary>
    public void StartAllAndRun(long steps = 5)
    {
        StartAll();
        UntilApplied(steps);
    }

    /// <summary>Runs until something is so; it fails with what the ring looks like when that takes too long.</summary>
    public void Until(Func<bool> condition, string what, double seconds = 60)
    {
        if (!Loop.RunUntil(condition, Now + TimeSpan.FromSeconds(seconds)))
            Assert.Fail($"not within {seconds} s: {what}\n{Describe()}");
    }

    /// <summary>Runs until all live peers have applied so many steps more, or up to a step.</summary>
    public void UntilApplied(long step, double seconds = 60) =>
        Until(() => Live.All(process => process.Replica.Step >= step), $"all have applied step {step}", seconds);

    /// <summary>Runs until every peer's run is over in order.</summary>
    public void UntilEnded(double seconds = 600)
    {
        Until(() => Array.TrueForAll(Peers, peer => peer.Process is null), "all have ended", seconds);
        Assert.All(Peers, peer => Assert.Null(peer.Stopped));
    }

    /// <summary>Runs until all live peers are members of one view of so many and step on.</summary>
    public void UntilWhole(int members, double seconds = 60)
    {
        Until(() => Live.Count() == members
            && Live.All(process => process.Member is { IsActive: true, View: { } view } && view.Count == members),
            $"{members} peers are one ring", seconds);
        UntilApplied(Live.Max(process => process.Replica.Step) + 3, seconds);
    }

    /// <summary>Runs until all live peers stand at one step.</summary>
    public void UntilIdle() => Until(() => Live.Select(process => process.Replica.Step).Distinct().Count() == 1, "one step");

    /// <summary>Runs for a while.</summary>
    public void Run(double seconds)
    {
        TimeSpan end = Now + TimeSpan.FromSeconds(seconds);
        Loop.Clock.After(TimeSpan.FromSeconds(seconds), () => { });
        Loop.RunUntil(() => Now >= end, end);
    }

    /// <summary>Cuts all links between one side and the others, both ways.</summary>
    public void Partition(params int[] side) => Network.IsCut = (from, to) => side.Contains(from) != side.Contains(to);

    public void Heal() => Network.IsCut = null;

    /// <summary>The texts that one peer's operator was told, of one kind.</summary>
    public string[] Texts(int peer, RingEventKind kind) => TextsSince(TimeSpan.Zero, peer, kind);

    /// <summary>The texts of one kind that one peer reported since a moment.</summary>
    public string[] TextsSince(TimeSpan moment, int peer, RingEventKind kind) =>
        [.. Events.Where(events => events.At >= moment && events.Peer == peer && events.Event.Kind == kind)
            .Select(events => events.Event.Text)];

    /// <summary>The number of steps that a peer applied in a stretch of time, per second.</summary>
    public double Pace(int peer, TimeSpan from, TimeSpan to) =>
        Peers[peer].Applied.Count(applied => applied.At >= from && applied.At < to) / (to - from).TotalSeconds;

    /// <summary>Every step that was applied is what plain loops over its voters' ballots give.</summary>
    public void AssertMajorities()
    {
        int[] previous = ReferenceVote.First(Parameters);
        foreach (StepRecord record in records.Values)
        {
            int[] voters = [.. record.Voters];
            int[] expected = ReferenceVote.Decide(
                [.. voters.Select(voter => (ReferenceWeights.Of([.. record.Members], record.Batches, voter, voters.Length),
                    BallotOf(voter, record.Step)!.Buckets[0]))], Parameters, Ties, record.Step, previous);
            Assert.Equal(voters.Select(voter => LossOf(voter, record.Step)),
                record.LossBits.Select(BitConverter.UInt32BitsToSingle));
            Assert.Equal(Rates(record.Step), new StepRates(record.LearningRate, record.WeightDecay));
            for (int i = 0; i < Parameters; i++)
            {
                int sign = ReferenceMajority.Sign(record.Signs, record.Zeros, i);
                Assert.True(expected[i] == sign, $"step {record.Step}, parameter {i}: {sign} instead of {expected[i]}");
                previous[i] = sign == 0 ? previous[i] : sign;
            }
        }
    }

    /// <summary>The state of a ring that does not do what it should, for a person.</summary>
    public string Describe() => string.Join('\n', Peers.Select(peer => $"p{peer.Index}: {peer.State}"))
        + "\n"
        + string.Join('\n',
            Events.TakeLast(30).Select(events => $"{events.At.TotalSeconds:F3} p{events.Peer}: {events.Event.Text}"));

    public void OnApplied(HarnessProcess process, StepRecord record)
    {
        long step = record.Step;
        if (records.TryGetValue(step, out StepRecord? first))
            Assert.True(first.Digest == record.Digest,
                $"step {step}: p{process.Peer.Index} applies another record than the others\n{Describe()}");
        else
            records.Add(step, record.Copy());
        if (process.Peer.IsDamaged)
            return;
        uint now = process.Replica.WeightsHash;
        Assert.True(weights.TryAdd(step, now) || weights[step] == now,
            $"step {step}: p{process.Peer.Index} has other weights than the others\n{Describe()}");
    }
}
