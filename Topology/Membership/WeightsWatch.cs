using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Compares what members say of a slice of their weights, a slice a step (section 6, Divergence). Whoever differs from most is the one
/// that is wrong; where there is no majority, nobody can say.
/// </summary>
sealed class WeightsWatch
{
    /// <summary>All slices twice: a member whose trainer is behind says its digests later.</summary>
    public const int Kept = 128;

    readonly SortedDictionary<long, Dictionary<int, ChainDigest>> said = [];
    readonly HashSet<int> reported = [];

    /// <summary>Notes what a member says.</summary>
    /// <param name="step">The step, whose slice of the weights before it is meant.</param>
    /// <param name="member">Who says it.</param>
    /// <param name="digest">The slice's digest.</param>
    /// <param name="members">How many members the view has.</param>
    /// <returns>Who was found to be wrong by this; empty: nobody. Null: members differ and there is no majority.</returns>
    public IReadOnlyList<int>? Add(long step, int member, ChainDigest digest, int members)
    {
        if (!said.TryGetValue(step, out Dictionary<int, ChainDigest>? digests))
        {
            if (said.Count >= Kept && step < said.First().Key)
                return [];
            said.Add(step, digests = []);
            while (said.Count > Kept)
                said.Remove(said.First().Key);
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

    /// <summary>Whether a member's word on a step has not come.</summary>
    public bool Misses(long step, int member) => !said.TryGetValue(step, out Dictionary<int, ChainDigest>? digests) || !digests.ContainsKey(member);

    /// <summary>A member has a state of others now; what it said before does not count.</summary>
    public void Forget(int member)
    {
        foreach (Dictionary<int, ChainDigest> digests in said.Values)
            digests.Remove(member);
        reported.Remove(member);
    }

    /// <summary>Another chain, or another view's members.</summary>
    public void Clear() => said.Clear();
}
