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

    readonly SortedDictionary<long, Dictionary<int, Digest>> digestsByStep = [];
    readonly HashSet<int> reported = [];

    /// <summary>Notes what a member says.</summary>
    /// <param name="step">The step, whose slice of the weights before it is meant.</param>
    /// <param name="member">Who says it.</param>
    /// <param name="digest">The slice's digest.</param>
    /// <param name="members">How many members the view has.</param>
    /// <returns>Who was found to be wrong by this; empty: nobody. Null: members differ and there is no majority.</returns>
    public IReadOnlyList<int>? Record(long step, int member, Digest digest, int members)
    {
        if (!digestsByStep.TryGetValue(step, out Dictionary<int, Digest>? digests))
        {
            if (digestsByStep.Count >= WindowSteps && step < digestsByStep.First().Key)
                return [];
            digestsByStep.Add(step, digests = []);
            while (digestsByStep.Count > WindowSteps)
                digestsByStep.Remove(digestsByStep.First().Key);
        }
        digests[member] = digest;
        if (digests.Values.Distinct().Count() == 1)
        {
            reported.Remove(member);
            return [];
        }
        foreach (var same in digests.GroupBy(entry => entry.Value))
        {
            if (2 * same.Count() <= members)
                continue;
            return [.. digests.Where(entry => entry.Value != same.Key).Select(entry => entry.Key).Order().Where(reported.Add)];
        }
        return digests.Count >= members ? null : [];
    }

    /// <summary>True when a member's digest for a step has not come.</summary>
    public bool IsMissing(long step, int member) =>
        !digestsByStep.TryGetValue(step, out Dictionary<int, Digest>? digests) || !digests.ContainsKey(member);

    /// <summary>A member has a state of others now; what it said before does not count.</summary>
    public void Forget(int member)
    {
        foreach (Dictionary<int, Digest> digests in digestsByStep.Values)
            digests.Remove(member);
        reported.Remove(member);
    }

    /// <summary>Another chain, or another view's members.</summary>
    public void Clear() => digestsByStep.Clear();
}
