using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>A simulated run's settings, all drawn from its seed.</summary>
sealed record Scenario
{
    const int PeersMax = 7, FarOneIn = 16, AutomaticOneIn = 3;

    // Milliseconds one way and the share of frames, as by satellite.
    const double DistanceMax = 300, LossMax = 0.03;

    static readonly int OtherKinds = Enum.GetValues<StepKind>().Length - 1;

    public required int Seed { get; init; }

    public required int Peers { get; init; }

    public int Parameters { get; init; }

    /// <summary>The last step, whether the ring knows it or not.</summary>
    public long Steps { get; init; }

    /// <summary>The ring knows the last step; false: all are asked to leave when they have come that far.</summary>
    public bool LastStepIsKnown { get; init; }

    /// <summary>The way of the exchange; null: each view chooses.</summary>
    public ExchangeKind? Exchange { get; init; }

    /// <summary>The links before and after <see cref="LinksChangeAt"/>; empty: they are as fast as the network.</summary>
    public LinkPhase[] Links { get; init; } = [];

    /// <summary>The time at which the links change.</summary>
    public TimeSpan LinksChangeAt { get; init; }

    public TieRule Ties { get; init; }

    /// <summary>The kind of the run's steps.</summary>
    public StepKind Kind { get; init; }

    /// <summary>The buckets of a step.</summary>
    public Func<long, IReadOnlyList<Bucket>> Buckets => field ??= StepKinds.BucketsOf(Kind, Parameters, Ties);

    public int SegmentWords { get; init; }

    public int CheckpointEvery { get; init; }

    /// <summary>The time that a gradient takes, by peer.</summary>
    public TimeSpan[] Compute { get; init; } = [];

    /// <summary>The samples of each peer and step; empty: all take the same.</summary>
    public int[] Batches { get; init; } = [];

    /// <summary>The samples of all peers that are shared out by their measured speeds; null: nothing is shared out.</summary>
    public int? SharedBatch { get; init; }

    /// <summary>Every peer begins with weights of its own, as different builds of a library do.</summary>
    public bool WeightsDiffer { get; init; }

    /// <summary>The peer that begins the run alone; −1 when the whole roster does.</summary>
    public int Founder { get; init; } = -1;

    /// <summary>A trainer gives the ballot of its first step before it is asked for it.</summary>
    public bool IsEager { get; init; }

    /// <summary>The least number of members that make steps.</summary>
    public int MinPeers { get; init; } = 1;

    public NetworkFaults Network { get; init; } = NetworkFaults.None;

    /// <summary>The peers whose links are long.</summary>
    public PeerSet FarPeers { get; init; }

    /// <summary>The time that a frame takes one way over a long link, beside that of <see cref="Network"/>.</summary>
    public TimeSpan Distance { get; init; }

    public RingTimings Timings { get; init; } = RingTimings.Default;

    /// <summary>The time that a step takes over the long links, lost frames included as far as they are usual.</summary>
    public TimeSpan TravelTime => (2 * Peers + 2)
        * ((1 + 50 * Network.Loss) * Distance + Links.Select(phase => phase.FrameTime).DefaultIfEmpty().Max());

    /// <summary>The step that no trainer begins before all faults are over.</summary>
    public long Gate => Steps - 5;

    /// <summary>The number that a peer's initial weights follow from.</summary>
    public ulong InitialOf(int peer) => TieHash.Word(Seed, WeightsDiffer ? 1000 + peer : 1000);

    /// <summary>The time that a frame takes from one peer to another beside that of <see cref="Network"/>.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="now">The time of the run.</param>
    public TimeSpan DistanceOf(int from, int to, TimeSpan now) =>
        (FarPeers.Contains(from) || FarPeers.Contains(to) ? Distance : TimeSpan.Zero) + (PhaseAt(now)?.Latency ?? default);

    /// <summary>The speeds from one peer to another; null: any.</summary>
    public PathSpeed? SpeedOf(int from, int to, TimeSpan now) => PhaseAt(now)?.Between(from, to);

    /// <summary>Draws everything.</summary>
    public static Scenario Draw(int seed, int? peers)
    {
        Random random = RandomOf(seed, 1);
        int count = random.Next(2, PeersMax + 1);
        count = peers ?? count;
        // Two runs in three are votes; this is drawn apart, so that nothing else depends on it.
        int other = RandomOf(seed, 6).Next(3 * OtherKinds);
        StepKind shape = other < OtherKinds ? (StepKind)(1 + other) : StepKind.Vote;
        Random members = RandomOf(seed, 7), links = RandomOf(seed, 8), batches = RandomOf(seed, 9); // apart, too
        bool isFar = links.Next(FarOneIn) == 0, isLossy = isFar && links.Next(2) == 0;
        var distance = TimeSpan.FromMilliseconds(isFar ? DistanceMax * links.NextDouble() : 0);
        bool isWeighted = shape != StepKind.Sparse && batches.Next(3) == 0, isShared = batches.Next(2) == 0;
        double pace = 15 + 75 * random.NextDouble();
        Random ways = RandomOf(seed, 10); // and this
        bool isAutomatic = ways.Next(AutomaticOneIn) == 0;
        LinkPhase[] phases = !isAutomatic || isFar || ways.Next(3) == 0 ? []
            : [LinkPhase.DrawLong(ways), LinkPhase.DrawUneven(ways, count)];
        var given = (ExchangeKind)random.Next(2);
        return new Scenario
        {
            Seed = seed,
            Peers = count,
            Parameters = random.Next(64, 401),
            Steps = random.Next(60, 121),
            LastStepIsKnown = random.Next(4) > 0,
            Exchange = isAutomatic ? null : given,
            Links = ways.Next(2) == 0 ? phases : [.. phases.Reverse()],
            LinksChangeAt = TimeSpan.FromSeconds(3 + 4 * ways.NextDouble()),
            Ties = random.Next(3) == 0 ? (TieRule)random.Next(3) : TieRule.Previous,
            Kind = shape,
            SegmentWords = random.Next(3),
            CheckpointEvery = (isFar ? 20 : 5) << random.Next(3), // far ones are not to lose sight of the others
            Compute = [.. Enumerable.Range(0, count)
                .Select(_ => TimeSpan.FromMilliseconds(pace * (0.8 + 0.4 * random.NextDouble())
                    * (isWeighted && isShared ? 1 + 3 * batches.NextDouble() : 1)))],
            Batches = !isWeighted || isShared ? []
                : [.. Enumerable.Range(0, count).Select(_ => 1 << batches.Next(6) | batches.Next(8))],
            SharedBatch = isWeighted && isShared ? batches.Next(1, 40 * count) : null,
            WeightsDiffer = random.Next(4) == 0,
            Founder = random.Next(10) == 0 ? random.Next(count) : -1,
            IsEager = random.Next(3) == 0,
            MinPeers = members.Next(4) == 0 ? members.Next(1, count + 1) : 1,
            FarPeers = !isFar ? default : links.Next(2) == 0 ? PeerSet.First(count) : PeerSet.Of(links.Next(count)),
            Distance = distance,
            Network = new NetworkFaults
            {
                Loss = isLossy ? LossMax * links.NextDouble() : 0,
                LongestDelay = distance / 8 + TimeSpan.FromMilliseconds(0.1 + 2 * random.NextDouble() * random.NextDouble()),
            },
            Timings = RingTimings.Default with
            {
                RejoinDelayMax = TimeSpan.FromSeconds(4),
                UseStragglerDeadline = random.Next(8) > 0,
                ExchangeSwitchTime = TimeSpan.FromSeconds(0.5),
                ExchangeSwitchInterval = TimeSpan.FromSeconds(1),
                RebalanceTime = TimeSpan.FromSeconds(1),
                RebalanceInterval = TimeSpan.FromSeconds(3),
            },
        };
    }

    /// <summary>A source of randomness for one purpose: what one purpose draws changes no other's.</summary>
    public static Random RandomOf(int seed, int purpose, int index = 0) =>
        new((int)(TieHash.Word((long)TieHash.Word(seed, purpose), index) >> 33));

    /// <summary>True when a view's members have the batches that they must have.</summary>
    public bool AreBatches(View view) => SharedBatch is { } sum ? view.Shares.Batches.Sum() == sum
        : Batches.Length == 0 ? view.Shares.Batches.Count == 0
        : view.Members.Zip(view.Shares.Batches).All(pair => pair.Second == Batches[pair.First]);

    public static StepRates Rates(long step) => new(0.01f / (1 + step % 7), 0.1f);

    /// <summary>The options of a peer's process.</summary>
    public RingOptions OptionsOf(int peer, ulong session, Bootstrap bootstrap) => new()
    {
        PeerIds = [.. Enumerable.Range(0, Peers).Select(index => $"p{index}")],
        SelfIndex = peer,
        Fingerprint = new Fingerprint([new("run", $"seed {Seed}"), new("parameters", $"{Parameters}")]),
        Session = session,
        ParameterCount = Parameters,
        Exchange = Exchange,
        BucketsOf = Buckets,
        Batches = Batches,
        SharedBatch = SharedBatch,
        SegmentWords = SegmentWords,
        RatesOf = Rates,
        LastStep = LastStepIsKnown ? Steps : long.MaxValue,
        MinPeers = MinPeers,
        Bootstrap = bootstrap,
        Timings = Timings,
    };

    /// <summary>The scenario in one line.</summary>
    public override string ToString() => $"{Peers} peers, {Parameters} parameters, {Steps} steps"
        + $"{(LastStepIsKnown ? "" : " and then all are asked to leave")}, "
        + $"{(Exchange is { } way ? $"{way}" : "chosen")} exchange, "
        + $"{(Kind is StepKind.Vote or StepKind.VoteAndPiece ? $"{Kind}, ties {Ties}" : $"{Kind}")}, "
        + $"a checkpoint every {CheckpointEvery} steps, a gradient in {Compute.Average(time => time.TotalMilliseconds):F0} ms"
        + (Timings.UseStragglerDeadline ? "" : ", nobody abstains") + (WeightsDiffer ? ", initial weights differ" : "")
        + (SharedBatch is null ? "" : $", {SharedBatch} samples shared out")
        + (Batches.Length == 0 ? "" : $", batches of {string.Join(' ', Batches)}")
        + (MinPeers == 1 ? "" : $", no step with fewer than {MinPeers}") + (Founder < 0 ? "" : $", p{Founder} founds alone")
        + (FarPeers.IsEmpty ? "" : $", {string.Join(' ', FarPeers.Select(far => $"p{far}"))} {Distance.TotalMilliseconds:F0} ms "
            + $"away, {Network.Loss:P1} of the frames lost")
        + (Links.Length == 0 ? "" : $", {string.Join($", from {LinksChangeAt.TotalSeconds:F1} s on ", Links)}");

    LinkPhase? PhaseAt(TimeSpan now) => Links.Length == 0 ? null : Links[now < LinksChangeAt ? 0 : 1];
}
