using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>A ring whose majority is the ballot of its one voter; what else happens in it, a test says step by step.</summary>
sealed class RingOfOne(IJournal journal, int parameters, long lastStep) : IRing
{
    const int PeersMax = 8;

    readonly Dictionary<long, Func<TrainerTurn?>> script = [];
    (long Step, Ballot? Ballot, float Loss)? cast;
    bool stopping, votesNoMore;
    long? end;

    /// <summary>The ballots that were cast, in order.</summary>
    public List<(long Step, bool Votes, TimeSpan Took)> Casts { get; } = [];

    /// <summary>The members of the view that a step is decided in.</summary>
    public Func<long, PeerSet> Members { get; init; } = _ => PeerSet.Of(0);

    /// <summary>Steps that are decided without this peer's ballot, which came too late.</summary>
    public HashSet<long> Late { get; } = [];

    /// <summary>The buckets of a step.</summary>
    public Func<long, IReadOnlyList<Bucket>> Parts { get; init; } = Buckets.Vote(parameters);

    /// <summary>Steps that the others still take with this peer after it asked to leave.</summary>
    public long StepsAfterStop { get; init; }

    /// <summary>The first time that so many steps are applied, this happens before anything else.</summary>
    public void At(long applied, Func<TrainerTurn?> happens) => script[applied] = happens;

    public TrainerTurn Next(long applied, Digest weights)
    {
        if (script.Remove(applied, out var happens) && happens() is { } turn)
            return turn;
        if (journal.Read(applied + 1) is { } record)
            return new ApplyTurn(record, 0.5);
        if (stopping)
            end ??= applied + StepsAfterStop;
        if (applied >= end || applied == lastStep)
            return new EndTurn(stopping, null);
        if (votesNoMore && cast?.Step != applied + 1)
            SubmitBallot(applied + 1, null, 0, TimeSpan.Zero); // it relays
        if (cast?.Step != applied + 1)
            return new ComputeTurn(applied + 1);
        record = Decide(applied + 1);
        journal.Append(record);
        return new ApplyTurn(record, 0.5);
    }

    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took)
    {
        Casts.Add((step, ballot is not null, took));
        cast = (step, ballot, loss);
    }

    public void RequestStop() => stopping = true;

    public void StopVoting() => votesNoMore = true;

    public (long Payload, long All) TakeSent() => (8, 100);

    public RingStatistics Statistics { get; } = new(PeersMax, new LinkCounters(PeersMax));

    StepRecord Decide(long step)
    {
        var ballot = Late.Contains(step) ? null : cast!.Value.Ballot;
        var buckets = Parts(step);
        Aggregate[] aggregates = ballot is null ? [.. buckets.Select(Nothing)]
            : [.. buckets.Select((bucket, at) => InProcessReduction.Of(bucket, [ballot.Buckets[at]], step,
                bucket.Reduction is MajorityVote ? new ulong[bucket.Words] : []))];
        return new StepRecord(step, 1, 7, Members(step), ballot is null ? default : PeerSet.Of(0),
            ballot is null ? [] : [BitConverter.SingleToUInt32Bits(cast!.Value.Loss)], BitConverter.SingleToUInt32Bits(0.01f),
            BitConverter.SingleToUInt32Bits(0.1f), aggregates, default).WithDigestAfter(journal.DigestAfter(step - 1));
    }

    /// <summary>The aggregate when nobody votes.</summary>
    static Aggregate Nothing(Bucket bucket)
    {
        var planes = new ulong[bucket.Reduction.AggregatePlanes(0) * bucket.Words];
        if (bucket.Reduction is not MajorityVote)
            return new Aggregate(planes, null);
        var zeros = new ulong[bucket.Words];
        zeros.AsSpan().Fill(ulong.MaxValue);
        zeros[^1] &= bucket.TailMask;
        return new Aggregate(planes, zeros);
    }
}
