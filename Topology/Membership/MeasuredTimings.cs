namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// The timeouts that wait for other peers' answers: those of <see cref="RingTimings"/>, and longer ones where the links' measured
/// round trips need them.
/// </summary>
sealed class MeasuredTimings(RingTimings timings, RemotePeer[] peers)
{
    // A proposal's phase survives two lost messages; a heartbeat, the loss of a few in a row, and TCP's pauses after a loss.
    const int PhaseAnswers = 3, SilenceAnswers = 4, LeaveAnswers = 12, CaughtUpAnswers = 3;

    static readonly TimeSpan caughtUpFor = TimeSpan.FromSeconds(1);

    /// <summary>The time in which almost every answer comes from any peer that is alive; zero: nothing was measured.</summary>
    public TimeSpan AnswerTime
    {
        get
        {
            TimeSpan longest = TimeSpan.Zero;
            foreach (RemotePeer peer in peers)
            {
                if (peer is { Session: not 0, IsDisconnected: false } && peer.Silence < SuspicionTimeoutOf(peer))
                    longest = Max(longest, peer.RoundTrip.Timeout);
            }
            return longest;
        }
    }

    /// <summary>The time that a proposer of a view waits for a quorum's answer.</summary>
    public TimeSpan ProposeTimeout => Max(timings.ProposeTimeout, PhaseAnswers * AnswerTime);

    /// <summary>The pause between two asks for the same answer about a view; zero: every tick.</summary>
    public TimeSpan ProposeInterval => AnswerTime is var answer && answer > timings.TickInterval ? answer : TimeSpan.Zero;

    /// <summary>Without progress for so long, a member asks again for what it misses.</summary>
    public TimeSpan ResendDelay => Max(timings.ResendDelay, AnswerTime);

    /// <summary>The pause after an ask for missing frames; null: that which <see cref="RingTimings"/> says is enough.</summary>
    /// <param name="attempt">The number of asks before it.</param>
    public TimeSpan? ResendPause(int attempt)
    {
        TimeSpan answer = AnswerTime, longest = Max(timings.ResendDelayMax, 2 * answer), pause = (1 << attempt) * answer;
        return answer <= timings.ResendDelay ? null : pause < longest ? pause : longest;
    }

    /// <summary>The time for which a donor's word that a peer has all there is counts.</summary>
    public TimeSpan CaughtUpFor => Max(caughtUpFor, CaughtUpAnswers * AnswerTime);

    /// <summary>The time after which any silent peer is suspected, whichever it is.</summary>
    public TimeSpan SuspicionTimeout
    {
        get
        {
            TimeSpan longest = timings.SuspicionTimeout;
            foreach (RemotePeer peer in peers)
                longest = Max(longest, SuspicionTimeoutOf(peer));
            return longest;
        }
    }

    /// <summary>The time that a leaving member waits for the others.</summary>
    public TimeSpan LeaveTimeout => Max(timings.LeaveTimeout, LeaveAnswers * AnswerTime);

    /// <summary>The time in which almost every answer of a peer comes; zero: nothing was measured.</summary>
    public TimeSpan AnswerTimeOf(int peer) => peers[peer].RoundTrip.Timeout;

    /// <summary>Without any frame from a peer for so long it is suspected to be dead.</summary>
    public TimeSpan SuspicionTimeoutOf(RemotePeer peer) =>
        Max(timings.SuspicionTimeout, 2 * timings.HeartbeatInterval + SilenceAnswers * peer.RoundTrip.Timeout);

    static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
