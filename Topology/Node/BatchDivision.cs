using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Node;

/// <summary>The division of the samples of a step among members by their speeds.</summary>
static class BatchDivision
{
    /// <summary>The same for all; the lowest-ranked take what is left over, as the sampler does.</summary>
    /// <param name="sum">The samples of all.</param>
    /// <param name="members">Roster indices.</param>
    public static int[] Even(int sum, IReadOnlyList<int> members)
    {
        int[] ranked = [.. members.Order()];
        return
        [
            .. members.Select(member => sum / members.Count + (Array.IndexOf(ranked, member) < sum % members.Count ? 1 : 0)),
        ];
    }

    /// <summary>Shares in the ratio of the speeds, in whole samples whose sum is exact: what is left over goes to the largest
    /// remainders. Nobody gets less than the fastest one's share divided by the largest weight, nor, where there are enough,
    /// nothing.</summary>
    /// <param name="sum">The samples of all.</param>
    /// <param name="seconds">The time per sample of each, more than 0.</param>
    public static int[] BySpeed(int sum, IReadOnlyList<double> seconds)
    {
        double fastest = 1 / seconds.Min();
        double[] speeds = [.. seconds.Select(time => Math.Max(1 / time, fastest / BallotWeights.WeightMax))];
        double whole = speeds.Sum();
        int least = sum >= seconds.Count ? 1 : 0;
        int rest = sum - least * seconds.Count;
        double[] exact = [.. speeds.Select(speed => Math.Max(0, sum * speed / whole - least))];
        double scale = exact.Sum() > 0 ? rest / exact.Sum() : 0;
        int[] shares = [.. exact.Select(share => least + (int)Math.Floor(share * scale))];
        foreach (int at in Enumerable.Range(0, shares.Length).OrderByDescending(at => exact[at] * scale + least - shares[at])
            .ThenBy(at => at).Take(Math.Max(0, sum - shares.Sum())))
            shares[at]++;
        return shares;
    }

    /// <summary>The time until the last of the members has its gradient.</summary>
    /// <param name="batches">Their batches.</param>
    /// <param name="seconds">The time per sample of each.</param>
    public static double StepTime(IReadOnlyList<int> batches, IReadOnlyList<double> seconds) =>
        batches.Zip(seconds, (batch, time) => batch * time).Max();
}
