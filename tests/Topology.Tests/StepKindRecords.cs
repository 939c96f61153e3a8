using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests;

/// <summary>Records of chance, of any shape, as plain loops decide them.</summary>
static class StepKindRecords
{
    /// <summary>A record that follows another.</summary>
    /// <param name="shape">What its step carries.</param>
    /// <param name="step">Its step.</param>
    /// <param name="parameters">The model's length.</param>
    /// <param name="previous">The chain before it.</param>
    /// <param name="voters">Who votes, of three.</param>
    /// <param name="zeros">Whether anybody abstains anywhere.</param>
    public static StepRecord Of(StepKind shape, long step, int parameters, Digest previous, int voters = 3, bool zeros = false)
    {
        var view = new View(1, [2, 0, 1], [1, 2, 3], 1);
        var random = new Random((int)step);
        IReadOnlyList<Bucket> buckets = StepKinds.BucketsOf(shape, parameters)(step);
        Ballot[] cast = [.. Enumerable.Range(0, voters)
            .Select(_ => ReferenceMajority.RandomBallot(random, buckets, parameters, zeros))];
        Aggregate[] aggregates = [.. buckets.Select((bucket, index) => ReferenceReduction.Decide(bucket,
            [.. cast.Select((ballot, voter) => (voter, ballot.Buckets[index]))], view, step, ReferenceVote.First(parameters)))];
        return new StepRecord(step, 1, 5, PeerSet.First(3), PeerSet.First(voters), new uint[voters],
            BitConverter.SingleToUInt32Bits(0.01f), BitConverter.SingleToUInt32Bits(0.1f), aggregates, default)
            .WithDigestAfter(previous);
    }
}
