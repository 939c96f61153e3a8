using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Oracles;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>All hosts, the network among them, and those who watch.</summary>
sealed class SimulatedWorld
{
    static readonly TimeSpan restartAfter = TimeSpan.FromSeconds(1);

    public SimulatedWorld(Scenario scenario)
    {
        Scenario = scenario;
        Trace = new SimulationTrace(Clock);
        Invariants = new Invariants(Clock);
        Views = new ViewOracle(Invariants, Trace, Counts);
        Chain = new ChainOracle(scenario, Invariants, Views, Counts) { DiskOf = peer => Peers![peer].Disk };
        Frames = new FrameOracle(Invariants, Views, Chain, Trace, Counts, scenario);
        Network = new SimulatedNetwork(Clock, scenario.Peers, Scenario.RandomOf(scenario.Seed, 2))
        {
            Faults = scenario.Network,
            Distance = (from, to) => scenario.DistanceOf(from, to, Clock.Elapsed),
            Speed = scenario.Links.Length == 0 ? null : (from, to) => scenario.SpeedOf(from, to, Clock.Elapsed),
            Sent = OnSent,
        };
        Peers = [.. Enumerable.Range(0, scenario.Peers).Select(index => new SimulatedPeer(this, index))];
    }

    public Scenario Scenario { get; }

    public VirtualLoop Loop { get; } = new();

    public VirtualClock Clock => Loop.Clock;

    public SimulatedNetwork Network { get; }

    public SimulatedPeer[] Peers { get; }

    public SimulationTrace Trace { get; }

    public SimulationCounts Counts { get; } = new();

    public Invariants Invariants { get; }

    public ViewOracle Views { get; }

    public ChainOracle Chain { get; }

    public FrameOracle Frames { get; }

    /// <summary>All faults are over: the trainers go on to the last step.</summary>
    public bool GateIsOpen { get; private set; }

    /// <summary>All are asked to leave, because the run has come as far as it should.</summary>
    public bool IsClosing { get; set; }

    /// <summary>A bit was flipped in one of two members: both are to stop.</summary>
    public bool PairDiffers { get; set; }

    /// <summary>All are there and are members of one view.</summary>
    public bool IsWhole => Array.TrueForAll(Peers, peer => peer.Process is { IsFrozen: false, Member.IsActive: true } process
        && process.Member.View is { } view && view.Count == Peers.Length && view.Equals(Views.Latest));

    /// <summary>Lets the trainers go on to the last step.</summary>
    public void OpenGate()
    {
        GateIsOpen = true;
        foreach (SimulatedPeer peer in Peers)
            peer.Process?.PassGate();
    }

    /// <summary>
    /// True when the latest view can be followed by another: its members that still have their disks are a quorum of it, and one
    /// of them knows it.
    /// </summary>
    /// <param name="without">A peer whose disk is not counted; −1: none.</param>
    public bool CanGoOn(int without = -1) => Views.Latest is not { } view || (Views.HasQuorum(view, without)
        && Array.Exists(Peers, peer => peer.Index != without && Views.IsLiving(view, peer.Index)
            && AcceptorState.TryDecode(peer.Disk.ViewState, Peers.Length)?.View.Number == view.Number));

    /// <summary>Looks at every member; to be called after each event.</summary>
    public void Tick()
    {
        foreach (SimulatedPeer peer in Peers)
            peer.Process?.Tick();
    }

    /// <summary>A peer's promises are gone.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="promises">What they were.</param>
    public void OnDiskLost(int peer, byte[]? promises)
    {
        Counts.LostDisks++;
        if (AcceptorState.TryDecode(promises, Peers.Length) is { } state)
            Views.DiskLost(peer, state.DiskId);
    }

    /// <summary>A trainer was told that the run is over for it.</summary>
    public void OnEnded(SimulatedProcess process, EndTurn end)
    {
        SimulatedPeer peer = process.Peer;
        bool isLast = Scenario.LastStepIsKnown && process.Replica.Step == Scenario.Steps;
        if (IsClosing && end.Note is { } note)
            Invariants.Violated("when all leave, they agree on it (I22)", $"{process.Name} ends: {note}");
        if (end.Left ? !process.IsLeaving : !isLast)
            Invariants.Violated("no peer ends before the last step unless it is asked to (I22)",
                $"{process.Name} ends after step {process.Replica.Step} of {Scenario.Steps}");
        if (!end.Left || IsClosing)
            peer.FinishedAt = process.Replica.Step;
        peer.Die($"{(end.Left ? "leaves" : "is done")}{(end.Note is null ? "" : $" ({end.Note})")}", refuses: true);
    }

    /// <summary>A process stopped with a reason.</summary>
    public void OnStopped(SimulatedProcess process, Exception reason)
    {
        SimulatedPeer peer = process.Peer;
        bool differs = PairDiffers && reason is RingException;
        if (!process.DiskFailed && !differs)
            Invariants.Violated("no peer stops but for a full disk, or because one of two replicas is wrong and none can say "
                + "which (I24)",
                $"{process.Name} stops: {reason}");
        if (differs)
            peer.FinishedAt = process.Replica.Step;
        peer.Die($"stops: {reason.Message}", refuses: true);
        Clock.After(restartAfter, () =>
        {
            if (peer is { Process: null, IsBusy: false, FinishedAt: null })
                peer.Start();
        });
    }

    void OnSent(int from, int to, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (Peers[from].Process is { } process)
            Frames.OnSent(process, to, header, payload);
    }
}
