using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Topology;

/// <summary>The settings that a member must know before it greets anyone.</summary>
sealed record RingOptions
{
    /// <summary>The peers' names, by roster index.</summary>
    public required IReadOnlyList<string> PeerIds { get; init; }

    /// <summary>Our roster index.</summary>
    public required int SelfIndex { get; init; }

    /// <summary>The settings that all peers must agree on.</summary>
    public required Fingerprint Fingerprint { get; init; }

    /// <summary>This process's random number: tells it from an earlier process of the same peer. Not zero once it runs.</summary>
    public ulong Session { get; init; }

    /// <summary>Length of the model, in parameters.</summary>
    public required int ParameterCount { get; init; }

    /// <summary>
    /// The buckets of a step, the same on all peers; asked for any step from 1 on, and best answered with one list as long as
    /// nothing changes. Where ties repeat the previous majority, that vote is on all parameters and the first bucket of every
    /// step. Nothing given: such a vote alone.
    /// </summary>
    public Func<long, IReadOnlyList<Bucket>> BucketsOf { get => field ??= Buckets.Vote(ParameterCount); init; }

    /// <summary>About the bytes of a checkpoint's shared part: what a peer that comes back saves by fetching records. 0: those of
    /// the weights.</summary>
    public long ReplicatedStateBytes { get => field == 0 ? sizeof(float) * (long)ParameterCount : field; init; }

    /// <summary>About the bytes of what a peer that has lost its own takes of another's; 0: nothing, so that it is not fetched.
    /// Nothing given: those of the weights.</summary>
    public long LocalStateBytes { get => field < 0 ? sizeof(float) * (long)ParameterCount : field; init; } = -1;

    /// <summary>The way of the exchange; null: each view has the one that the measured links make the faster.</summary>
    public ExchangeKind? Exchange { get; init; } = ExchangeKind.Ring;

    /// <summary>The samples that each peer takes in a step, by roster index; empty: all take the same, and every ballot counts
    /// one vote.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [];

    /// <summary>The samples of all members and step that are shared out by their measured gradient times; null: nothing is
    /// shared out.</summary>
    public int? SharedBatch { get; init; }

    /// <summary>Words of a segment, 0 for the default of this length; all peers must agree.</summary>
    public int SegmentWords { get; init; }

    /// <summary>The rates of each step, from 1.</summary>
    public required Func<long, StepRates> RatesOf { get; init; }

    /// <summary>The run's last step; <see cref="long.MaxValue"/>: none is known.</summary>
    public long LastStep { get; init; } = long.MaxValue;

    /// <summary>The least number of members with which steps are made; with fewer the ring waits for more.</summary>
    public int MinPeers { get; init; } = 1;

    /// <summary>The way in which a run begins where no ring is known, or goes on when the disks of a quorum are lost.</summary>
    public Bootstrap Bootstrap { get; init; } = Bootstrap.AllPeers;

    /// <summary>The timeouts and intervals.</summary>
    public RingTimings Timings { get; init; } = RingTimings.Default;

    /// <summary>Receives how long the parts of steps take; null: nobody asks.</summary>
    public RingProfile? Profile { get; init; }

    /// <summary>The most votes that the ballots of a step can count.</summary>
    internal int VotesMax => PeerIds.Count * WeightMax;

    /// <summary>The most votes that one ballot can count.</summary>
    internal int WeightMax => Batches.Count > 0 || SharedBatch is not null ? BallotWeights.WeightMax : 1;

    /// <summary>True when ties repeat the previous majority, so that it is a part of the ring's state.</summary>
    internal bool RepeatsPreviousSigns => BucketsOf(1)[0].Reduction is MajorityVote { Ties: TieRule.Previous };
}
