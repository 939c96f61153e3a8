using System.Numerics;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// The comparison of the ballots and sums that passed this member in one step with the majority: in one word of each segment,
/// another one each step.
/// </summary>
sealed class SpotChecks
{
    readonly List<Agreement> agreements = [];

    /// <summary>The agreement of the ballots that were seen with the majority, beside our own in the same places.</summary>
    public IReadOnlyList<Agreement> Agreements => agreements;

    /// <summary>Parameters whose majority cannot be, whatever those voted whose ballots came after the sum that this member
    /// passed on.</summary>
    public int Contradictions { get; private set; }

    /// <summary>The members that had that sum before it was decided: one of them at least changed it.</summary>
    public PeerSet Suspects { get; private set; }

    /// <summary>The word of a segment that is looked at in a step.</summary>
    public static int WordOf(WordRange segment, long step) =>
        segment.Start + (int)((ulong)(step * 31 + segment.Start) % (ulong)segment.Length);

    /// <summary>Holds a ballot's word against the majority's.</summary>
    /// <param name="member">Whose ballot it is.</param>
    /// <param name="theirs">Its signs.</param>
    /// <param name="ours">Our own ballot's signs.</param>
    /// <param name="majority">The majority's signs.</param>
    /// <param name="counted">The parameters that all three have a sign for.</param>
    internal void Compare(int member, ulong theirs, ulong ours, ulong majority, ulong counted) =>
        agreements.Add(new Agreement(member,
        BitOperations.PopCount(~(theirs ^ majority) & counted), BitOperations.PopCount(~(ours ^ majority) & counted),
        BitOperations.PopCount(counted)));

    /// <summary>Holds the sum that was passed on against the majority, for the parameters of one word.</summary>
    /// <param name="sum">The sum's counts, planes a segment's length apart; its voters are the ballots that were inside.</param>
    /// <param name="stride">A segment's length.</param>
    /// <param name="factor">The votes that each count of the sum stands for: the weight of a ballot alone, else 1.</param>
    /// <param name="votes">The number of votes in the majority.</param>
    /// <param name="majority">The majority's word.</param>
    /// <param name="suspects">The members that added to the sum after us, or decided it.</param>
    internal void Audit(VoteCounts sum, int stride, int factor, int votes, MajorityWord majority, PeerSet suspects)
    {
        int rest = votes - factor * sum.Voters, wrong = 0;
        for (int bit = 0; bit < BitPlanes.BitsPerWord; bit++)
        {
            if ((majority.Valid >> bit & 1) == 0)
                continue;
            int p = factor * Of(sum.Positive, sum.PositivePlanes, bit),
                a = factor * Of(sum.Abstentions, sum.AbstentionPlanes, bit);
            // 2p + a − V is least when all the rest vote against it, most when all vote for it.
            bool isPlus = 2 * p + a > votes, isMinus = 2 * (p + rest) + a < votes,
                saysPlus = (majority.Signs >> bit & 1) != 0, saysZero = (majority.Zeros >> bit & 1) != 0;
            if ((isPlus && !saysPlus) || (isMinus && (saysPlus || saysZero)))
                wrong++;
        }
        if (wrong == 0)
            return;
        Contradictions += wrong;
        Suspects = Suspects.Union(suspects);

        int Of(ReadOnlySpan<ulong> planes, int count, int bit)
        {
            int value = 0;
            for (int plane = 0; plane < count; plane++)
                value |= (int)(planes[plane * stride] >> bit & 1) << plane;
            return value;
        }
    }

    /// <summary>A word of the majority.</summary>
    /// <param name="Signs">1 = +1.</param>
    /// <param name="Zeros">1 = 0.</param>
    /// <param name="Valid">The parameters that there are.</param>
    internal readonly record struct MajorityWord(ulong Signs, ulong Zeros, ulong Valid);

    /// <summary>Agreement with the majority in some parameters.</summary>
    /// <param name="Member">The other member.</param>
    /// <param name="Theirs">In how many its ballot has the majority's sign.</param>
    /// <param name="Ours">In how many ours has.</param>
    /// <param name="Of">How many were looked at.</param>
    public readonly record struct Agreement(int Member, int Theirs, int Ours, int Of);
}
