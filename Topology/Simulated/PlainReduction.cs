using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>What comes out of a part of a step, by plain loops over single elements: what every exchange must agree with, bit for bit.</summary>
public static class PlainReduction
{
    /// <summary>The outcome of one part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="cast">The voters' ballots, in the order of their roster indices.</param>
    /// <param name="view">The members: where rounding matters, a chunk's sum begins at its own place and goes on in the view's order.</param>
    /// <param name="step">The step, for <see cref="TieRule.Hash"/>.</param>
    /// <param name="previous">The last verdict that was not zero, per parameter, for <see cref="TieRule.Previous"/>.</param>
    public static Outcome Decide(StepPart part, IReadOnlyList<(int Member, BallotPart Ballot)> cast, View view, long step, IReadOnlyList<int> previous)
    {
        int voters = cast.Count;
        switch (part.Reduction)
        {
            case MajorityVote vote:
                return VoteOf(part, PlainVote.Decide([.. cast.Select(one => one.Ballot)], part.Length, vote.Ties, step, previous));
            case Average:
                ulong[] counts = Planes(part, BitPlanes.Width(voters), i => cast.Sum(one => Number(part, one.Ballot.Planes, i)));
                ulong[] zeros = Planes(part, BitPlanes.Width(voters), i => cast.Sum(one => Number(part, one.Ballot.Zeros, i)));
                return new Outcome(counts, zeros.AsSpan().ContainsAnyExcept(0UL) ? zeros : null);
            case TernarySum:
                return new Outcome(Planes(part, BitPlanes.Width(2 * voters), i => cast.Sum(one => Number(part, one.Ballot.Planes, i))), null);
            case SparseGather:
                return new Outcome([.. cast.SelectMany(one => one.Ballot.Planes.ToArray())], null);
            default:
                var outcome = new ulong[32 * part.Words];
                for (int i = 0; i < part.Length && voters > 0; i++)
                    Floats.Of(outcome.AsSpan())[i] = ValueOf(part, cast, view, i);
                return new Outcome(outcome, null);
        }
    }

    /// <summary>Whether two outcomes have the same bits.</summary>
    public static bool AreEqual(Outcome first, Outcome second) =>
        first.Planes.AsSpan().SequenceEqual(second.Planes) && first.Zeros.AsSpan().SequenceEqual(second.Zeros);

    /// <summary>The number that planes say of an element.</summary>
    public static int Number(StepPart part, ReadOnlySpan<ulong> planes, int i)
    {
        int number = 0;
        for (int plane = 0; plane * part.Words < planes.Length; plane++)
            number |= (PlainVote.Bit(planes[plane * part.Words + i / 64], i % 64) ? 1 : 0) << plane;
        return number;
    }

    static float ValueOf(StepPart part, IReadOnlyList<(int Member, BallotPart Ballot)> cast, View view, int i)
    {
        int chunk = 0;
        while (i / 64 >= (long)part.Words * (chunk + 1) / view.Count)
            chunk++;
        float? value = null;
        for (int distance = 0; distance < view.Count; distance++)
        {
            int member = view.Members[(chunk + distance) % view.Count];
            foreach ((int voter, BallotPart ballot) in cast)
            {
                if (voter == member)
                    value = value is not { } sum ? ballot.Values[i] : part.Reduction is Mean ? sum + ballot.Values[i] : sum > ballot.Values[i] ? sum : ballot.Values[i];
            }
        }
        return part.Reduction is Mean ? value!.Value / cast.Count : value!.Value;
    }

    static Outcome VoteOf(StepPart part, int[] verdict)
    {
        ulong[] zeros = Planes(part, 1, i => verdict[i] == 0 ? 1 : 0);
        return new Outcome(Planes(part, 1, i => verdict[i] > 0 ? 1 : 0), zeros.AsSpan().ContainsAnyExcept(0UL) ? zeros : null);
    }

    static ulong[] Planes(StepPart part, int count, Func<int, int> number)
    {
        var planes = new ulong[count * part.Words];
        for (int i = 0; i < part.Length; i++)
        {
            int bits = number(i);
            for (int plane = 0; plane < count; plane++)
                planes[plane * part.Words + i / 64] |= (ulong)(bits >> plane & 1) << (i % 64);
        }
        return planes;
    }
}
