using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>
/// The members' agreement on the next view (docs/protocol.md#view-change): a pre-vote without effect, then single-decree Paxos.
/// Any member may propose. Every message may be lost or repeated: a proposal that does not come through is made again in a higher
/// round.
/// </summary>
/// <param name="self">This peer.</param>
/// <param name="acceptor">Its word, on its disk.</param>
/// <param name="host">What else it knows and does.</param>
/// <param name="clock">The clock of timeouts.</param>
/// <param name="timeout">Gives the time that a phase waits for answers at least, twice that at most.</param>
/// <param name="interval">Gives the pause between two requests of a phase; zero: every tick.</param>
/// <param name="random">For jitter.</param>
sealed class ViewChange(int self, Acceptor acceptor, IViewHost host, TimeProvider clock, Func<TimeSpan> timeout,
    Func<TimeSpan> interval, Func<double> random)
{
    readonly Dictionary<int, ViewMessage> promises = [];
    Phase phase;
    PeerSet answered, excluded;
    View? proposal;
    (int From, FrameKind Kind, ViewMessage Message)? pending;
    long round, highest, began, asked;
    int holder;
    long? othersRequest;
    TimeSpan phaseTimeout;

    enum Phase
    {
        Idle,
        PreVoting,
        Preparing,
        Synchronizing,
        Accepting,
    }

    /// <summary>True when this member is proposing at present.</summary>
    public bool IsProposing => phase != Phase.Idle;

    /// <summary>Another member is proposing, and its next request may be on its way: a proposal beside it would undo what it
    /// has got.</summary>
    public bool IsOtherProposing => othersRequest is { } at && clock.GetElapsedTime(at) < 2 * interval();

    int Next => acceptor.View.Number + 1;

    /// <summary>Asks whether others, too, think that the view must change. Repeated until <see cref="Tick"/> gives up.</summary>
    public void Propose()
    {
        if (phase != Phase.Idle || !acceptor.HasVote)
            return;
        EnterPhase(Phase.PreVoting);
        Broadcast();
    }

    /// <summary>Called every now and then: asks again, gives up after a while.</summary>
    public void Tick()
    {
        if (phase == Phase.Idle)
            return;
        bool late = clock.GetElapsedTime(began) > phaseTimeout;
        if (phase == Phase.Synchronizing && late)
        {
            // Whoever cannot be reached, or not fast enough, is not to hold up the others.
            excluded = excluded.Union(proposal!.MemberSet.Except(answered));
            ProposeDraft();
            return;
        }
        if (!host.IsChangeNeeded || late)
        {
            phase = Phase.Idle;
            return;
        }
        if (clock.GetElapsedTime(asked) >= interval())
            Broadcast();
    }

    /// <summary>Tries again to accept: what was missing for it may have come.</summary>
    public void Retry()
    {
        if (pending is { } waiting)
            OnMessage(waiting.From, waiting.Kind, Next, waiting.Message);
    }

    /// <summary>A view was decided, here or elsewhere; whatever was under way for its number is void.</summary>
    public void Reset()
    {
        phase = Phase.Idle;
        pending = null;
        proposal = null;
        othersRequest = null;
        highest = 0;
    }

    /// <summary>Takes a message about the view with this number.</summary>
    /// <returns>False when it is not for the present decision.</returns>
    /// <exception cref="IOException">A promise cannot be written.</exception>
    public bool OnMessage(int from, FrameKind kind, int number, in ViewMessage message)
    {
        if (number != Next)
            return false;
        // Votes count only from disks that know all that was decided before.
        bool votes = acceptor.HasVote && host.LastRecord.Step >= acceptor.View.FirstStep - 1;
        if (from != self && kind is FrameKind.Prepare or FrameKind.Synchronize or FrameKind.Accept)
            othersRequest = clock.GetTimestamp();
        if (kind == FrameKind.Synchronize && message.View is { } draft)
        {
            OnSynchronize(from, message, draft, votes);
            return true;
        }
        if (!votes)
            return false;
        long known = Math.Max(highest, acceptor.State.Promised);
        highest = Math.Max(highest, Rounds.Known(message.Round, known));
        if (!Rounds.IsPlausible(message.Round, known))
            return false;
        return kind is FrameKind.PreVote or FrameKind.Prepare or FrameKind.Accept
            ? OnRequest(from, kind, number, message)
            : OnAnswer(from, kind, number, message);
    }

    /// <summary>Takes a proposer's message, as an acceptor.</summary>
    bool OnRequest(int from, FrameKind kind, int number, in ViewMessage message)
    {
        if (kind == FrameKind.Accept)
        {
            if (message.View is not { } view || view.Number != number)
                return false;
            OnAccept(from, message, view);
        }
        else if (kind == FrameKind.Prepare)
            OnPrepare(from, message.Round);
        else if (host.IsChangeAccepted)
            Send(from, FrameKind.PreVoteGranted, ViewMessage.PreVoteGranted);
        return true;
    }

    /// <summary>Takes an answer, as the proposer.</summary>
    bool OnAnswer(int from, FrameKind kind, int number, in ViewMessage message)
    {
        if (kind == FrameKind.Synchronized && phase == Phase.Synchronizing && message.Round == round)
        {
            answered = answered.With(from);
            if (proposal!.MemberSet.IsSubsetOf(answered))
                AskToAccept();
            return true;
        }
        // Only the disks that the view names count; before a run has begun there are none named.
        if (!acceptor.View.MemberSet.Contains(from)
            || (acceptor.View.Number != 0 && host.DiskIdOf(from) != acceptor.View.DiskIdOf(from)))
            return false;
        switch (kind)
        {
            case FrameKind.PreVoteGranted when phase == Phase.PreVoting:
                answered = answered.With(from);
                if (!acceptor.View.IsQuorum(answered))
                    return true;
                if (IsOtherProposing)
                    phase = Phase.Idle;
                else
                    Prepare();
                return true;
            // What was accepted for another decision does not count in this one.
            case FrameKind.Promise when phase == Phase.Preparing && message.Round == round && message.AcceptedRound <= round
                && (message.View is not { } before || before.Number == number):
                promises[from] = message;
                answered = answered.With(from);
                if (acceptor.View.IsQuorum(answered))
                    OnPromiseQuorum();
                return true;
            case FrameKind.Accepted when phase == Phase.Accepting && message.Round == round:
                answered = answered.With(from);
                if (acceptor.View.IsQuorum(answered))
                    host.OnDecided(proposal!);
                return true;
            case FrameKind.Rejected when phase > Phase.PreVoting && message.Round > round:
                phase = Phase.Idle; // another is proposing; if nothing comes of it, we try again above its round
                return true;
            default:
                return false;
        }
    }

    void OnSynchronize(int from, in ViewMessage message, View draft, bool votes)
    {
        if (draft.DiskIdOf(self) != acceptor.State.DiskId)
            return; // a disk that is lost: this one does not answer for it
        // It implies the promise, which may have been lost: what is fetched now must not be persisted in the present view, too.
        if (votes && (!Rounds.IsPlausible(message.Round, Math.Max(highest, acceptor.State.Promised))
            || !acceptor.Promise(message.Round)))
            return;
        if (votes)
            host.OnPromised();
        if (TryHoldPrerequisites(from, FrameKind.Synchronize, message, draft))
            Send(from, FrameKind.Synchronized, ViewMessage.Synchronized(message.Round));
    }

    void OnPrepare(int from, long wanted)
    {
        if (!acceptor.Promise(wanted))
        {
            Send(from, FrameKind.Rejected, ViewMessage.Rejected(acceptor.State.Promised));
            return;
        }
        host.OnPromised();
        Send(from, FrameKind.Promise,
            ViewMessage.Promise(wanted, host.LastRecord, acceptor.State.AcceptedRound, acceptor.State.Accepted));
    }

    void OnAccept(int from, in ViewMessage message, View view)
    {
        if (message.Round < acceptor.State.Promised)
        {
            pending = null;
            Send(from, FrameKind.Rejected, ViewMessage.Rejected(acceptor.State.Promised));
            return;
        }
        acceptor.Promise(message.Round); // an accept implies the promise, which may have been lost
        host.OnPromised();
        // A decided view's first step says that all before it is committed: so it must be on the disk of all who say yes.
        if (!TryHoldPrerequisites(from, FrameKind.Accept, message, view))
            return;
        acceptor.Accept(message.Round, view);
        Send(from, FrameKind.Accepted, ViewMessage.Accepted(message.Round));
    }

    bool TryHoldPrerequisites(int from, FrameKind kind, in ViewMessage message, View view)
    {
        bool holds = host.HoldsAllBefore(view);
        pending = holds ? null : (from, kind, message);
        if (!holds)
            host.RequestPrerequisites(view, message.Holder);
        return holds;
    }

    void Prepare()
    {
        promises.Clear();
        round = Rounds.Next(Math.Max(highest, acceptor.State.Promised), self);
        EnterPhase(Phase.Preparing);
        Broadcast();
    }

    /// <summary>A quorum has promised: what one of them accepted is taken up, else the draft of this moment is
    /// proposed.</summary>
    void OnPromiseQuorum()
    {
        ViewMessage accepted = promises.Values.MaxBy(promise => promise.AcceptedRound);
        excluded = default;
        if (accepted.AcceptedRound == 0)
        {
            ProposeDraft();
            return;
        }
        proposal = accepted.View;
        holder = Furthest().Key;
        AskToAccept();
    }

    /// <summary>Proposes a view whose members all hold everything before it: so nothing is lost with those who leave.</summary>
    void ProposeDraft()
    {
        var (furthest, promise) = Furthest();
        proposal = host.BuildView(Next, promise.JournalStep + 1, promise.Chain, excluded);
        holder = furthest;
        if (proposal is null)
        {
            phase = Phase.Idle;
            return;
        }
        EnterPhase(Phase.Synchronizing);
        Broadcast();
    }

    void AskToAccept()
    {
        EnterPhase(Phase.Accepting);
        Broadcast();
    }

    // The lowest rank of equals, so that a run repeats exactly.
    KeyValuePair<int, ViewMessage> Furthest() =>
        promises.OrderByDescending(promise => promise.Value.JournalStep).ThenBy(promise => promise.Key).First();

    void Broadcast()
    {
        var (kind, message) = phase switch
        {
            Phase.PreVoting => (FrameKind.PreVote, ViewMessage.PreVote),
            Phase.Preparing => (FrameKind.Prepare, ViewMessage.Prepare(round)),
            Phase.Synchronizing => (FrameKind.Synchronize, ViewMessage.Synchronize(round, proposal!, holder)),
            _ => (FrameKind.Accept, ViewMessage.Accept(round, proposal!, holder)),
        };
        asked = clock.GetTimestamp();
        Phase current = phase;
        foreach (int member in phase == Phase.Synchronizing ? proposal!.Members : acceptor.View.Members)
        {
            if (!answered.Contains(member))
                Send(member, kind, message);
            if (phase != current)
                return; // our own answer was the last that was needed
        }
    }

    void Send(int to, FrameKind kind, in ViewMessage message)
    {
        if (to == self)
            OnMessage(self, kind, Next, message);
        else
            host.Send(to, kind, Next, message);
    }

    void EnterPhase(Phase next)
    {
        (phase, answered, began) = (next, default, clock.GetTimestamp());
        phaseTimeout = timeout() * (1 + random());
    }
}
