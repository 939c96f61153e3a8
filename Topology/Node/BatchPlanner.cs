using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>Plans the batches of the next view's members (docs/protocol.md#weights).</summary>
sealed class BatchPlanner(RingOptions options)
{
    /// <summary>The batches of a view that is to follow the present one.</summary>
    /// <param name="members">Its members, in their order.</param>
    /// <param name="present">The present view.</param>
    /// <param name="firstStep">Its first step.</param>
    public BatchShares SharesOf(IReadOnlyList<int> members, View present, long firstStep)
    {
        if (options.Batches.Count == 0)
            return BatchShares.None;
        int[] batches = [.. members.Select(member => options.Batches[member])];
        return new BatchShares(batches, present.Number == 0 ? batches : First(members, present, firstStep));
    }

    /// <summary>The samples of the first step were shared out by the record before it: one of the present view, or the one before
    /// that view where it has decided none.</summary>
    static int[] First(IReadOnlyList<int> members, View present, long firstStep) =>
    [
        .. members.Select(member => present.Shares.Batches.Count > 0 && present.PositionOf(member) is >= 0 and var at
            ? (firstStep == present.FirstStep ? present.Shares.First : present.Shares.Batches)[at] : 0),
    ];
}
