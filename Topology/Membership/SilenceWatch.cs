namespace DecentralizedLion.Topology.Membership;

/// <summary>Tells the operator who has fallen silent and who is back, and when it has lasted too long.</summary>
sealed class SilenceWatch(MemberOptions options, Liveness liveness, Farewell farewell, Action<RingEvent> tell)
{
    readonly bool[] reported = new bool[options.Names.Count];

    /// <summary>Looks at all peers once.</summary>
    /// <param name="committed">The last step committed here.</param>
    /// <param name="stepIsOpen">Whether a step is waited for.</param>
    /// <param name="asked">Whether this peer was asked to stop: then it does not wait as long for a peer that may come back.</param>
    /// <returns>Why the ring stops, or null.</returns>
    public RingException? Look(long committed, bool stepIsOpen, bool asked)
    {
        RingTimings timings = options.Timings;
        TimeSpan patience = asked && timings.FarewellTimeout < timings.GiveUpAfter ? timings.FarewellTimeout : timings.GiveUpAfter;
        for (int peer = 0; peer < options.Names.Count; peer++)
        {
            // Who left is missed only while a step still needs it.
            if (peer == options.Self || (farewell.HasLeft(peer) && !stepIsOpen))
                continue;
            string name = options.Names[peer];
            TimeSpan silence = liveness.SilenceOf(peer);
            if (silence > patience)
            {
                return new RingException(asked
                    ? $"stopped on request after step {committed}, while {name} was silent for {silence.TotalSeconds:F0} s"
                    : $"{name} has given no sign of life for {silence.TotalSeconds:F0} s; step {committed + 1} cannot be finished "
                    + $"without it. The ring stops after step {committed}. Start all peers again: they go on from their checkpoints.");
            }
            bool away = silence > timings.ReportEvery;
            if (away && !reported[peer])
                tell(new RingEvent(RingEventKind.Waiting, -1, $"waiting for {name}: no sign of life for {silence.TotalSeconds:F0} s"));
            if (!away && reported[peer])
                tell(new RingEvent(RingEventKind.Resumed, peer, $"{name} is back"));
            reported[peer] = away;
        }
        return null;
    }
}
