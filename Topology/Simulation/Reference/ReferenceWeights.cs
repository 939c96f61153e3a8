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
    public static int Of(View view, long step, int member, int ballots)
    {
        IReadOnlyList<int> batches = view.BatchesAt(step);
        if (ballots == 1 || batches.All(batch => batch == 0))
            return 1;
        double batch = batches[view.PositionOf(member)], smallest = batches.Where(other => other > 0).Min();
        int weight = 1;
        while (weight < WeightMax && batch / smallest >= weight + 0.5)
            weight++;
        return weight;
    }
}
