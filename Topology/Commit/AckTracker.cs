using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Commit;

/// <summary>Counts who holds a step, by its record's digest; a step is committed when a quorum of the view holds it with one
/// digest.</summary>
sealed class AckTracker
{
    readonly SortedDictionary<int, Digest> byMember = [];

    /// <summary>Notes what a member holds; its first word counts. Returns whether it is new.</summary>
    public bool TryAdd(int member, Digest record) => byMember.TryAdd(member, record);

    /// <summary>The members that have acknowledged exactly this record.</summary>
    public PeerSet AckedBy(Digest record)
    {
        var holders = default(PeerSet);
        foreach (var (member, said) in byMember)
        {
            if (said == record)
                holders = holders.With(member);
        }
        return holders;
    }

    /// <summary>True when a member has acknowledged the step.</summary>
    public bool HasAcked(int member) => byMember.ContainsKey(member);

    /// <summary>The digest that a quorum holds, or null.</summary>
    public Digest? TryGetCommitted(View view)
    {
        foreach (Digest record in byMember.Values)
        {
            if (view.IsQuorum(AckedBy(record)))
                return record;
        }
        return null;
    }
}
