using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>Who takes part, in which order, from which step on (section 6).</summary>
public sealed class View
{
    readonly int[] members;
    readonly ulong[] sessions;

    /// <summary>Makes a view.</summary>
    /// <param name="number">0 before a run is founded, then one more with each change.</param>
    /// <param name="members">Roster indices in the ring's order, at least one, each once.</param>
    /// <param name="sessions">The session of each member, in the same order.</param>
    /// <param name="firstStep">The first step that is exchanged in this view.</param>
    public View(int number, IReadOnlyList<int> members, IReadOnlyList<ulong> sessions, long firstStep)
    {
        ArgumentOutOfRangeException.ThrowIfZero(members.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sessions.Count, members.Count);
        (Number, this.members, this.sessions, FirstStep) = (number, [.. members], [.. sessions], firstStep);
        var set = default(VoterSet);
        foreach (int member in members)
        {
            if (set.Contains(member))
                throw new ArgumentException($"member {member} is listed twice", nameof(members));
            set = set.With(member);
        }
        Set = set;
    }

    /// <summary>The view's number.</summary>
    public int Number { get; }

    /// <summary>Roster indices in the ring's order.</summary>
    public IReadOnlyList<int> Members => members;

    /// <summary>The same as a set.</summary>
    public VoterSet Set { get; }

    /// <summary>How many members.</summary>
    public int Count => members.Length;

    /// <summary>The first step exchanged in this view.</summary>
    public long FirstStep { get; }

    /// <summary>The place of a member in the ring's order, −1 when it is none.</summary>
    public int PositionOf(int member) => Array.IndexOf(members, member);

    /// <summary>The session a member takes part with.</summary>
    public ulong SessionOf(int member) => sessions[PositionOf(member)];

    /// <summary>
    /// Dynamic-linear voting: more than half of the view, or exactly half if that half holds the lowest-ranked member.
    /// </summary>
    public bool IsQuorum(VoterSet set)
    {
        int present = 0;
        foreach (int member in members)
            present += set.Contains(member) ? 1 : 0;
        return 2 * present > Count || (2 * present == Count && set.Contains(members.Min()));
    }
}
