using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.Reference;

/// <summary>The weight of a ballot by comparison with one whole number after the other.</summary>
static class ReferenceWeights
{
    const int WeightMax = 15;

    /// <summary>The weight of a member's ballot in a step.</summary>
    /// <param name="view">The members and their batches.</param>
    /// <param name="step">The step.</param>
    /// <param name="member">The member.</param>
    /// <param name="ballots">The number of ballots that were cast; one alone counts one vote.</param>
    public static int Of(View view, long step, int member, int ballots) =>
        Of(view.Members, view.BatchesAt(step), member, ballots);

    /// <summary>The weight of a member's ballot by the members' batches.</summary>
    /// <param name="members">The members.</param>
    /// <param name="batches">Their batches in the same order; empty: all weights are 1.</param>
    /// <param name="member">The member.</param>
    /// <param name="ballots">The number of ballots that were cast; one alone counts one vote.</param>
    public static int Of(IReadOnlyList<int> members, IReadOnlyList<int> batches, int member, int ballots)
    {
        if (ballots == 1 || batches.All(batch => batch == 0))
            return 1;
        double batch = batches[members.TakeWhile(other => other != member).Count()],
            smallest = batches.Where(other => other > 0).Min();
        int weight = 1;
        while (weight < WeightMax && batch / smallest >= weight + 0.5)
            weight++;
        return weight;
    }
}
