using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>The check of a member's frames against those it sent before and what is on its disk.</summary>
sealed class FrameOracle(Invariants invariants, ViewOracle views, ChainOracle chain, SimulationTrace trace,
    SimulationCounts counts, Scenario scenario)
{
    readonly Dictionary<long, int> viewOfStep = [];

    /// <summary>The highest number of a view that anybody speaks of deciding.</summary>
    public int HighestProposed { get; private set; }

    /// <summary>A process is about to send a frame.</summary>
    public void OnSent(SimulatedProcess process, int to, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        counts.Frames++;
        trace.Mix((ulong)process.Clock.GetTimestamp());
        trace.Mix(((ulong)header.Crc << 32) | ((ulong)(byte)header.Kind << 16)
            | ((ulong)(uint)process.Peer.Index << 8) | (uint)to);
        switch (header.Kind)
        {
            case FrameKind.Reduce or FrameKind.Gather:
                CheckExchange(process, to, header);
                break;
            case FrameKind.StepAck:
                CheckStepAck(process, header, payload);
                break;
            case FrameKind.Promise or FrameKind.Accepted:
                HighestProposed = Math.Max(HighestProposed, header.View);
                CheckPromise(process, header, payload);
                break;
            case FrameKind.Prepare or FrameKind.Accept:
                HighestProposed = Math.Max(HighestProposed, header.View);
                break;
        }
    }

    void CheckExchange(SimulatedProcess process, int to, in FrameHeader header)
    {
        CheckFrozen(process, header);
        View? view = ViewOf(process, header.View);
        if (view is null || view.SessionOf(process.Peer.Index) != header.Session)
            invariants.Violated("a process exchanges only in a view that names its session (I18)",
                $"{process.Name} sends {header.Kind} of step {header.Step} in view {header.View}, "
                + (view is null ? "which it has not installed"
                    : $"whose session of it is {view.SessionOf(process.Peer.Index):x}, with session {header.Session:x}"));
        if (view?.Count < scenario.MinPeers)
            invariants.Violated("fewer members than minPeers make no step (I26)",
                $"{process.Name} sends {header.Kind} of step {header.Step} in view {view.Name} of {view.Count}, and minPeers is "
                + $"{scenario.MinPeers}");
        if (view is not null)
            CheckWay(process, to, header, view);
        int last = viewOfStep.GetValueOrDefault(header.Step);
        if (header.View > last)
        {
            counts.Reruns += last == 0 ? 0 : 1;
            viewOfStep[header.Step] = header.View;
        }
    }

    void CheckWay(SimulatedProcess process, int to, in FrameHeader header, View view)
    {
        ExchangeKind kind = view.Exchange.Kind;
        int distance = (view.PositionOf(to) - view.PositionOf(process.Peer.Index) + view.Count) % view.Count;
        if ((scenario.Exchange is { } given && given != kind) || view.PositionOf(to) < 0
            || (kind == ExchangeKind.Ring ? distance != 1 : header.Hop > 2))
            invariants.Violated("all members of a view exchange by the way that the view says (I27)",
                $"{process.Name} sends {header.Kind} of step {header.Step}, hop {header.Hop}, to p{to} in view {view.Name}, "
                + $"whose way is {kind}");
    }

    void CheckStepAck(SimulatedProcess process, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        CheckFrozen(process, header);
        if (process.LastPersisted == (header.View, header.Step) || !StepAck.TryRead(payload, out StepAck ack))
            return;
        process.LastPersisted = (header.View, header.Step);
        Digest? written = process.Peer.Disk.DigestAfter(header.Step);
        if (written != ack.Record)
            invariants.Violated("a record is in the journal before its step is acknowledged (I11)",
                $"{process.Name} says that it holds step {header.Step} ({ack.Record.Short}); its journal has "
                    + $"{written?.Short ?? $"steps {process.Peer.Disk.First} … {process.Peer.Disk.Last}"}");
        if (ViewOf(process, header.View) is { } view)
            chain.OnPersisted(process.Peer.Index, view, header.Step, ack.Record);
    }

    void CheckFrozen(SimulatedProcess process, in FrameHeader header)
    {
        if (header.View < process.Promised)
            invariants.Violated("who has promised a round for a later view takes no part in an earlier one (I16)",
                $"{process.Name} promised for view {process.Promised} and sends {header.Kind} of step {header.Step} in view "
                    + $"{header.View}");
    }

    /// <summary>Checks that what is promised or accepted is on the disk.</summary>
    void CheckPromise(SimulatedProcess process, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Kind == FrameKind.Promise)
            process.Promised = Math.Max(process.Promised, header.View);
        if (ViewMessage.TryDecode(payload.ToArray(), scenario.Peers) is not { } said)
            return; // no member believes it either
        AcceptorState? kept = AcceptorState.TryDecode(process.Peer.Disk.ViewState, scenario.Peers);
        if (kept is { View.Number: > 0 } && kept.View.Number < header.View
            && kept.View.DiskIdOf(process.Peer.Index) != kept.DiskId)
            invariants.Violated("a peer that has lost its disk has no vote (I17)",
                $"{process.Name} sends {header.Kind} for view {header.View}, and is "
                + $"in view {kept.View.Number} with another disk, or not at all");
        long? round = header.Kind == FrameKind.Promise ? kept?.Promised : kept?.AcceptedRound;
        if (kept is null || (kept.View.Number < header.View && round < said.Round))
            invariants.Violated("whatever an acceptor answers is on its disk first (I15)",
                $"{process.Name} sends {header.Kind} of round {said.Round} for view {header.View}; its disk has "
                + (kept is null ? "nothing"
                    : $"round {kept.Promised} promised and round {kept.AcceptedRound} accepted after view {kept.View.Number}"));
    }

    View? ViewOf(SimulatedProcess process, int number)
    {
        process.Tick(); // it may have been installed this very moment
        return process.Member.View is { } view && view.Number == number ? view : views.Find(number);
    }
}
