using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// Compares what members say of a slice of their weights, a slice a step (docs/protocol.md#divergence). Whoever differs from
/// most is the one that is wrong; where there is no majority, nobody can say.
/// </summary>
sealed class DivergenceDetector
{
    /// <summary>All slices twice: a member whose trainer is behind says its digests later.</summary>
    public const int WindowSteps = 128;

    readonly SortedList<long, StepDigests> digestsByStep = [];
    readonly HashSet<int> reported = [];

    /// <summary>Notes what a member says.</summary>
    /// <param name="step">The step, whose slice of the weights before it is meant.</param>
    /// <param name="member">Who says it.</param>
    /// <param name="digest">The slice's digest.</param>
    /// <param name="members">How many members the view has.</param>
    /// <returns>Who was found to be wrong by this; empty: nobody. Null: members differ and there is no majority.</returns>
    public IReadOnlyList<int>? Record(long step, int member, Digest digest, int members)
    {
        if (!digestsByStep.TryGetValue(step, out StepDigests? digests))
        {
            if (digestsByStep.Count >= WindowSteps && step < digestsByStep.GetKeyAtIndex(0))
                return [];
            digestsByStep.Add(step, digests = new StepDigests(digest));
            while (digestsByStep.Count > WindowSteps)
                digestsByStep.RemoveAt(0);
        }
        digests.ByMember[member] = digest;
        digests.AreAlike &= digest == digests.First;
        if (digests.AreAlike || digests.ByMember.Values.Distinct().Count() == 1)
        {
            reported.Remove(member);
            return [];
        }
        foreach (var same in digests.ByMember.GroupBy(entry => entry.Value))
        {
            if (2 * same.Count() <= members)
                continue;
            return [.. digests.ByMember.Where(entry => entry.Value != same.Key).Select(entry => entry.Key).Order()
                .Where(reported.Add)];
        }
        return digests.ByMember.Count >= members ? null : [];
    }

    /// <summary>True when a member's digest for a step has not come.</summary>
    public bool IsMissing(long step, int member) =>
        !digestsByStep.TryGetValue(step, out StepDigests? digests) || !digests.ByMember.ContainsKey(member);

    /// <summary>A member has a state of others now; what it said before does not count.</summary>
    public void Forget(int member)
    {
        foreach (StepDigests digests in digestsByStep.Values)
            digests.ByMember.Remove(member);
        reported.Remove(member);
    }

    /// <summary>Another chain, or another view's members.</summary>
    public void Clear() => digestsByStep.Clear();

    /// <summary>The digests of one step.</summary>
    /// <param name="first">The digest that was said first.</param>
    sealed class StepDigests(Digest first)
    {
        public Digest First => first;

        public Dictionary<int, Digest> ByMember { get; } = [];

        /// <summary>True while all members have reported one and the same digest, as they almost always do.</summary>
        public bool AreAlike { get; set; } = true;
    }
}
