using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Commit;

/// <summary>Counts who holds a step, by its record's digest; a step is committed when a quorum of the view holds it with one
/// digest.</summary>
sealed class CommitRule
{
    // One digest, as a rule. A set for each, so that a word costs the same in a ring of any size.
    readonly List<(Digest Record, PeerSet Holders)> held = new(1);
    PeerSet acked;

    /// <summary>Notes what a member holds; its first word counts. Returns whether it is new.</summary>
    public bool TryAdd(int member, Digest record)
    {
        if (acked.Contains(member))
            return false;
        acked = acked.With(member);
        int at = IndexOf(record);
        if (at < 0)
            held.Add((record, PeerSet.Of(member)));
        else
            held[at] = (record, held[at].Holders.With(member));
        return true;
    }

    /// <summary>The members that have acknowledged exactly this record.</summary>
    public PeerSet AckedBy(Digest record) => IndexOf(record) is >= 0 and var at ? held[at].Holders : default;

    /// <summary>True when a member has acknowledged the step.</summary>
    public bool HasAcked(int member) => acked.Contains(member);

    /// <summary>The digest that a quorum holds, or null.</summary>
    public Digest? TryGetCommitted(View view)
    {
        foreach ((Digest record, _) in held)
        {
            if (view.IsQuorum(AckedBy(record)))
                return record;
        }
        return null;
    }

    int IndexOf(Digest record)
    {
        int at = held.Count - 1;
        while (at >= 0 && held[at].Record != record)
            at--;
        return at;
    }
}
