using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The rules for what needs attention; what they find comes most serious first.</summary>
static class AlertRules
{
    /// <summary>Steps back that an event is worth a look.</summary>
    const long RecentSteps = 50;

    /// <summary>A peer that misses more of its steps than that is worth a look.</summary>
    const double AbstainedMax = 0.25;

    /// <summary>Fewer steps than that say nothing about a peer.</summary>
    const long StepsMin = 20;

    static readonly HashSet<string> notable =
        ["diverged", "disputed", "misbehaved", "doubtful", "refused", "rejected", "ignored", "cut"];

    /// <summary>The list for a state of the ring.</summary>
    /// <param name="state">The state.</param>
    /// <param name="events">The event log.</param>
    /// <param name="steps">The ring's steps, summed up; only the latest up to the state's count.</param>
    public static IReadOnlyList<Alert> Of(RingState state, IReadOnlyList<RunEvent> events, IReadOnlyList<StepBucket> steps)
    {
        List<Alert> found = [];
        if (state.Status is PeerState.Paused or PeerState.Waiting)
        {
            var told = events.LastOrDefault(e => e.What == state.Status && e.Step <= state.Step);
            found.Add(new(state.Status == PeerState.Paused ? Severity.Serious : Severity.Warning,
                told?.Text ?? $"The ring is {state.Status}", EventAdvice.Of(state.Status), null));
        }
        foreach (var peer in state.Peers)
            found.AddRange(OfPeer(peer, state));
        foreach (var told in events.Where(e => notable.Contains(e.What)
            && e.Step <= state.Step && e.Step > state.Step - RecentSteps))
            found.Add(new(told.Severity, told.Text, EventAdvice.Of(told.What), told.Peer));
        found.AddRange(OfAbsences(state, steps));
        return [.. found.OrderByDescending(a => a.Severity)];
    }

    static IEnumerable<Alert> OfPeer(PeerCondition peer, RingState state)
    {
        if (peer.IsSameDigest == false)
            yield return new(Severity.Serious, $"{peer.Id}'s digest differs from the ring's after step {peer.Step}",
                EventAdvice.Of("diverged"), peer.Id);
        if (state.Status is not ("running" or PeerState.Paused))
            yield break;
        if (peer.Kind == ConditionKind.Away && peer.Text?.StartsWith("left", StringComparison.Ordinal) != true)
            yield return new(Severity.Warning, $"{peer.Id} is not in the ring{(peer.Text is null ? "" : $": {peer.Text}")}",
                EventAdvice.Of("removed"), peer.Id);
        else if (peer.State == PeerState.Suspected)
            yield return new(Severity.Warning, $"{peer.Id} has sent nothing for a while", EventAdvice.Of("suspected"), peer.Id);
        else if (peer.State == Metrics.Ended.Failed)
            yield return new(Severity.Serious, $"{peer.Id} failed {peer.Text}",
                "Its last lines in the log, and on its standard error, say why.", peer.Id);
    }

    static IEnumerable<Alert> OfAbsences(RingState state, IReadOnlyList<StepBucket> steps)
    {
        Dictionary<string, long> abstained = new(StringComparer.Ordinal), away = new(StringComparer.Ordinal);
        long count = 0;
        for (int i = steps.Count - 1; i >= 0 && count < 10 * StepsMin; i--)
        {
            if (steps[i].Last > state.Step)
                continue;
            count += steps[i].Count;
            foreach (var (id, absence) in steps[i].Absences)
            {
                abstained[id] = abstained.GetValueOrDefault(id) + absence.Abstained;
                away[id] = away.GetValueOrDefault(id) + absence.Away;
            }
        }
        foreach (var (id, missed) in abstained.OrderByDescending(a => a.Value))
        {
            var member = count - away.GetValueOrDefault(id);
            if (member >= StepsMin && missed > AbstainedMax * member)
                yield return new(Severity.Warning, $"{id} has no ballot in {Format.Percent((double)missed / member)} of the last "
                    + $"{member} steps", "The others do not wait for it. Give it a faster device or a smaller batch; "
                    + "\"deadline\": \"off\" in peers.json waits for all.", id);
        }
    }
}
