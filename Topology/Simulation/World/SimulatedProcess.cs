using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>One process of a peer: the real member, and a trainer beside it.</summary>
sealed class SimulatedProcess
{
    static readonly TimeSpan leavesAlone = TimeSpan.FromSeconds(10);

    readonly SimulatedWorld world;
    readonly Random random;
    readonly DiskHandle disk;
    readonly int failuresBefore;
    readonly SimulatedTrainer trainer;
    View? seen;
    bool wasActive;
    int fetched;
    TimeSpan? letGo;
    TimeSpan frozen;

    public SimulatedProcess(SimulatedWorld world, SimulatedPeer peer, int number, Bootstrap bootstrap)
    {
        (this.world, Peer, Born) = (world, peer, world.Clock.Elapsed);
        Name = number == 1 ? $"p{peer.Index}" : $"p{peer.Index} (process {number})";
        random = Scenario.RandomOf(world.Scenario.Seed, 100 + peer.Index, number);
        Clock = new ProcessClock(world.Clock);
        Session = (ulong)random.NextInt64(1, long.MaxValue);
        disk = peer.Disk.Open(() => peer.Die("is killed in the middle of a write", refuses: true, inItsOwnCall: true));
        failuresBefore = peer.Disk.Failures;
        trainer = new SimulatedTrainer(world, this, disk, random);
        ITransport transport = world.Network.Open(peer.Index);
        Member = new Member(world.Scenario.OptionsOf(peer.Index, Session, bootstrap), transport,
            new PeerStores(disk.Journal, disk.Snapshots, disk), Clock, new Random(random.Next()));
        Member.EventRaised += OnHappened;
    }

    public SimulatedPeer Peer { get; }

    public string Name { get; }

    public ulong Session { get; }

    public Member Member { get; }

    public ProcessClock Clock { get; }

    public SimulatedReplica Replica => trainer.Replica;

    /// <summary>The time when it was started.</summary>
    public TimeSpan Born { get; }

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    /// <summary>A write has failed; the ring tells its trainer as soon as that asks.</summary>
    public bool DiskFailed => Peer.Disk.Failures > failuresBefore;

    /// <summary>It was asked to leave.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>The others have decided that it leaves: it is to end and makes no step any more.</summary>
    public bool HasLeft => IsLeaving && Member.View is { } view && (view.IsFinal || view.SessionOf(Peer.Index) != Session);

    /// <summary>It waits with a step that no trainer begins before all faults are over.</summary>
    public bool IsAtGate => trainer.IsAtGate;

    /// <summary>The highest view that it answered a prepare for, as others saw it.</summary>
    public int Promised { get; set; }

    /// <summary>The last view and step that it acknowledged.</summary>
    public (int View, long Step) LastPersisted { get; set; }

    /// <summary>Called once when it is gone, whatever ended it.</summary>
    public Action? Gone { get; set; }

    /// <summary>The state of the process, for a person.</summary>
    public string State => $"{(IsFrozen ? "frozen" : IsLeaving ? "leaving" : Member.IsActive ? "active" : "not in the ring")}, "
        + $"view {Member.View?.Name ?? "none"}, applied {Replica.Step}, committed {Member.Committed}";

    /// <summary>Trains until the run is over for it.</summary>
    public async void Run()
    {
        try
        {
            trainer.Begin();
            Member.Start();
            if (world.Scenario.IsEager && Replica.Step + 1 < world.Scenario.Gate)
                trainer.Cast(Replica.Step + 1, TimeSpan.Zero, default);
            // turns that are there at once do not come back to the loop, which checks it
            while (!IsDead && world.Invariants.Failure is null)
            {
                TrainerTurn turn = await Member.NextAsync(Replica.Step, Replica.SliceDigest(Replica.Step + 1));
                if (IsDead)
                    return;
                if (turn is EndTurn end)
                {
                    world.OnEnded(this, end);
                    return;
                }
                await trainer.TakeAsync(turn);
            }
        }
        catch (Exception) when (IsDead)
        {
            // Whatever it was, it did not happen any more.
        }
        catch (Exception e) when (e is RingException or IOException)
        {
            world.OnStopped(this, e);
        }
        catch (Exception e)
        {
            world.Invariants.Violated("no call of the ring fails but for a reason that it reports (I24)", $"{Name}: {e}");
        }
    }

    /// <summary>Asks it to leave in order.</summary>
    public void Leave()
    {
        IsLeaving = true;
        Member.RequestStop();
        world.Clock.After(leavesAlone, PassGate); // where the others cannot be asked
    }

    /// <summary>Need not wait with its step any more.</summary>
    public void PassGate() => trainer.PassGate();

    public void Freeze()
    {
        (IsFrozen, letGo, frozen) = (true, null, world.Clock.Elapsed);
        Clock.Freeze();
        world.Network.Freeze(Peer.Index);
    }

    /// <summary>All that it missed comes at once: timers and frames, in one order or the other.</summary>
    public void Thaw()
    {
        (IsFrozen, letGo) = (false, world.Clock.Elapsed);
        IReadOnlyList<Action> timers = Clock.Thaw(), frames = world.Network.Thaw(Peer.Index);
        foreach (Action missed in random.Next(2) == 0 ? timers.Concat(frames) : frames.Concat(timers))
            world.Clock.After(TimeSpan.Zero, missed);
    }

    /// <summary>Nothing of it is seen any more.</summary>
    public void Die(bool inItsOwnCall)
    {
        Tick(); // what it installed in the same moment it may have written, too
        IsDead = true;
        world.Counts.Retries += Member.Statistics.Retries;
        Clock.Stop();
        disk.Close();
        if (inItsOwnCall)
            world.Clock.After(TimeSpan.Zero, Member.Abort); // not while it is in the middle of something
        else
            Member.Abort();
        Gone?.Invoke();
    }

    /// <summary>Notes a view or a place in the ring that is new.</summary>
    public void Tick()
    {
        View? view = Member.View;
        if (!ReferenceEquals(view, seen) && view is not null)
        {
            seen = view;
            if (world.Views.Installed(Peer.Index, view))
                world.Chain.Installed(view);
        }
        if (HasLeft)
            PassGate();
        if (Member.IsActive == wasActive)
            return;
        wasActive = !wasActive;
        if (!wasActive)
            return;
        if (Peer.WasActive && disk.Snapshots.Fetched > fetched)
            world.Counts.RejoinsBySnapshot++;
        else if (Peer.WasActive)
            world.Counts.RejoinsByRecords++;
        Peer.WasActive = true;
        fetched = disk.Snapshots.Fetched;
    }

    void OnHappened(RingEvent happened)
    {
        if (IsDead)
            return;
        if (happened.Kind == RingEventKind.Suspected)
            CheckSuspicion(happened);
        if (happened.Kind is RingEventKind.Misbehaved or RingEventKind.Suspicious)
            world.Invariants.Violated("no fault of the network, a disk or a host makes a correct peer look hostile (I23)",
                $"{Name} says: {happened.Text}");
        world.Trace.Add(Peer.Index, happened.Took is { } took ? $"{happened.Text} ({Fault.Seconds(took)})" : happened.Text);
    }

    /// <summary>Checks that a process that was stopped for a while, and heard nobody meanwhile, suspects nobody for it.</summary>
    void CheckSuspicion(RingEvent suspected)
    {
        TimeSpan patience = world.Scenario.Timings.SuspicionTimeout, now = world.Clock.Elapsed;
        if (letGo is { } at && now - at < patience && at - frozen > patience / 2
            && world.Peers[suspected.Peer].Process is { } other
            && other.Born + patience < frozen)
            world.Invariants.Violated("a process that was stopped suspects nobody for its own gap (I21)",
                $"{Name} was stopped for {Fault.Seconds(at - frozen)} until {Fault.Seconds(now - at)} ago and says: "
                    + $"{suspected.Text}");
    }
}
