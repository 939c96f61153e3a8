using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>
/// The change of a peer's roster between two starts. What it promised names peers by their place in the roster, and a member of
/// the last view that is not in the roster any more may have steps that nobody else has: such a roster is refused, never followed
/// in silence.
/// </summary>
/// <param name="State">The state for the new roster; null: the peer begins without one.</param>
/// <param name="Note">What the operator should know; null: nothing.</param>
/// <param name="Refusal">The reason why the peer must not start, with what to do; null: it may.</param>
sealed record RosterChange(byte[]? State, string? Note, string? Refusal)
{
    const int MostPeers = PeerSet.Capacity;

    /// <summary>Decides about a start.</summary>
    /// <param name="state">What <see cref="IViewStore.Load"/> gives.</param>
    /// <param name="before">The ids that its roster indices stand for; null: they are not known, and taken to be those of now,
    /// with others after them.</param>
    /// <param name="now">The present roster's ids.</param>
    /// <param name="journalStep">The last step in this peer's journal.</param>
    /// <param name="checkpointStep">The step of its newest checkpoint.</param>
    /// <param name="isForced">The operator says that this disk's steps are the ones to go on from.</param>
    public static RosterChange Of(byte[]? state, IReadOnlyList<string>? before, IReadOnlyList<string> now, long journalStep,
        long checkpointStep, bool isForced)
    {
        before ??= AcceptorState.TryDecode(state, now.Count) is not null ? now
            : [.. now, .. Enumerable.Range(now.Count + 1, MostPeers - now.Count).Select(place => $"peer number {place}")];
        if (before.SequenceEqual(now) || AcceptorState.TryDecode(state, before.Count) is not { } known
            || (known.View.Number == 0 && known.Promised == 0))
            return new RosterChange(before.SequenceEqual(now) ? state : null, null, null);
        View view = known.View;
        PeerSet gone = PeerSet.Of([.. view.Members.Where(member => !now.Contains(before[member]))]);
        int[] places = [.. view.Members.Order().Select(member => IndexOf(now, before[member])).Where(place => place >= 0)];
        string old = string.Join(", ", before.Take(view.Members.Max() + 1));
        string remedy = $"Either put the entries {old}, in this order, back into peers.json, start the peers, stop them "
            + "together, and then change the file. Or start the one host whose steps are to be kept with --force-new-ring; "
            + "steps that the others made after its last one are lost";
        if (isForced)
            return new RosterChange(null, "peers.json has another roster; --force-new-ring continues from this disk", null);
        if (known.Accepted is not null)
            return Refuse($"peers.json has another roster than before, while a change of view {view.Name} was under way. "
                + remedy);
        if (!places.SequenceEqual(places.Order()))
            return Refuse($"peers.json has the members of view {view.Name} in another order than before. {remedy}");
        if (gone.IsEmpty)
            return new RosterChange((known with { View = Translate(view, before, now) }).Encode(), null, null);
        string missing = string.Join(", ", gone.Select(member => before[member])), lacks = $"peers.json lacks {missing}, "
            + $"{(gone.Count == 1 ? "a member" : "members")} of view {view.Name} "
            + $"({string.Join(", ", view.Members.Select(member => before[member]))})";
        if (!view.IsQuorum(view.MemberSet.Except(gone)))
            return Refuse($"{lacks}, which may hold steps after {journalStep}, this peer's last. {remedy}");
        if (checkpointStep < journalStep)
            return Refuse($"{lacks}, and steps {checkpointStep + 1} to {journalStep} are in no checkpoint here: they would be "
                + $"lost. {remedy}");
        return new RosterChange(null,
            $"{lacks}; the others are a quorum of it, and the run continues from their newest checkpoint", null);
    }

    static RosterChange Refuse(string reason) => new(null, null, reason);

    static View Translate(View view, IReadOnlyList<string> before, IReadOnlyList<string> now) =>
        new(view.Number, [.. view.Members.Select(member => IndexOf(now, before[member]))],
            [.. view.Members.Select(view.SessionOf)], view.FirstStep, [.. view.Members.Select(view.DiskIdOf)])
        {
            RunId = view.RunId,
            BaseDigest = view.BaseDigest,
            InitialWeights = view.InitialWeights,
            IsFinal = view.IsFinal,
            Exchange = view.Exchange,
            Shares = view.Shares,
        };

    static int IndexOf(IReadOnlyList<string> ids, string id)
    {
        for (int at = 0; at < ids.Count; at++)
        {
            if (ids[at] == id)
                return at;
        }
        return -1;
    }
}
