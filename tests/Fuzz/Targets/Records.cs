using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Fuzz.Frames;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>Records of chance, each chained to the one before it.</summary>
static class Records
{
    /// <summary>The model's length.</summary>
    public const int Parameters = 200;

    /// <summary>The records of steps 1 … count of one chain, which begins with zeros.</summary>
    public static StepRecord[] Chain(int count, int view = 1)
    {
        var records = new StepRecord[count];
        for (int at = 0; at < count; at++)
        {
            var signs = new ulong[BitPlanes.Words(Parameters)];
            ulong[]? zeros = at % 2 == 1 ? new ulong[signs.Length] : null;
            for (int word = 0; word < signs.Length; word++)
                signs[word] = TieHash.Word(at + 1, word)
                    & (word == signs.Length - 1 ? BitPlanes.TailMask(Parameters) : ulong.MaxValue);
            if (zeros is not null)
                (zeros[0], signs[0]) = (5, signs[0] & ~5UL);
            records[at] = new StepRecord(at + 1, view, 7, PeerSet.First(3), PeerSet.Of(0, 2), [(uint)at, 7],
                BitConverter.SingleToUInt32Bits(0.01f), BitConverter.SingleToUInt32Bits(0.1f), [new Aggregate(signs, zeros)],
                default).WithDigestAfter(at == 0 ? default : records[at - 1].Digest);
        }
        return records;
    }

    /// <summary>The buckets of the steps of a kind.</summary>
    public static Func<long, IReadOnlyList<Bucket>> PartsOf(StepKind shape) => StepKinds.BucketsOf(shape, Parameters);

    /// <summary>The same of another shape.</summary>
    public static StepRecord[] Chain(StepKind shape, int count)
    {
        var view = new View(1, [2, 0, 1], [1, 2, 3], 1);
        int[] voters = [0, 2];
        var records = new StepRecord[count];
        for (int at = 0; at < count; at++)
        {
            IReadOnlyList<Bucket> buckets = PartsOf(shape)(at + 1);
            Ballot[] ballots = [.. voters.Select(voter => StepFrames.BallotOf(voter, buckets, Parameters))];
            records[at] = new StepRecord(at + 1, 1, 7, PeerSet.First(3), PeerSet.Of(voters), [(uint)at, 7],
                BitConverter.SingleToUInt32Bits(0.01f), BitConverter.SingleToUInt32Bits(0.1f),
                [.. buckets.Select((bucket, index) => ReferenceReduction.Decide(bucket,
                    [.. voters.Select((voter, rank) => (voter, ballots[rank].Buckets[index]))], view, at + 1,
                    ReferenceVote.First(Parameters)))],
                default).WithDigestAfter(at == 0 ? default : records[at - 1].Digest);
        }
        return records;
    }
}
