using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulated;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests;

/// <summary>Records of chance, of any shape, as plain loops decide them.</summary>
static class ShapeRecords
{
    /// <summary>A record that follows another.</summary>
    /// <param name="shape">What its step carries.</param>
    /// <param name="step">Its step.</param>
    /// <param name="parameters">The model's length.</param>
    /// <param name="previous">The chain before it.</param>
    /// <param name="voters">Who votes, of three.</param>
    /// <param name="zeros">Whether anybody abstains anywhere.</param>
    public static StepRecord Of(MethodShape shape, long step, int parameters, ChainDigest previous, int voters = 3, bool zeros = false)
    {
        var view = new View(1, [2, 0, 1], [1, 2, 3], 1);
        var random = new Random((int)step);
        IReadOnlyList<StepPart> parts = MethodShapes.PartsOf(shape, parameters)(step);
        Ballot[] cast = [.. Enumerable.Range(0, voters).Select(_ => Oracle.RandomBallot(random, parts, parameters, zeros))];
        Outcome[] outcomes = [.. parts.Select((part, index) => PlainReduction.Decide(part, [.. cast.Select((ballot, voter) => (voter, ballot.Parts[index]))],
            view, step, PlainVote.First(parameters)))];
        return new StepRecord(step, 1, 5, VoterSet.First(3), VoterSet.First(voters), new uint[voters], BitConverter.SingleToUInt32Bits(0.01f),
            BitConverter.SingleToUInt32Bits(0.1f), outcomes, default).ChainedTo(previous);
    }
}
