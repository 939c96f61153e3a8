using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>One process of a peer: the real member, and a trainer as the program's that does what the ring says, turn by
/// turn.</summary>
sealed class SimulatedProcess
{
    readonly SimulatedWorld world;
    readonly Random random;
    readonly DiskHandle disk;
    readonly int failuresBefore;
    View? seen;
    bool wasActive;
    int fetched;
    TaskCompletionSource<bool>? gate;
    (long Step, Digest Chain) computed = (-1, default);
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
        Replica = SimulatedReplica.Initial(world.Scenario.Parameters, world.Scenario.InitialOf(peer.Index),
            world.Scenario.Buckets);
        ITransport transport = world.Network.Open(peer.Index);
        Member = new Member(world.Scenario.OptionsOf(peer.Index, Session, bootstrap), transport, disk.Journal,
            disk.Snapshots, disk, Clock, new Random(random.Next()));
        Member.EventRaised += OnHappened;
    }

    public SimulatedPeer Peer { get; }

    public string Name { get; }

    public ulong Session { get; }

    public Member Member { get; }

    public ProcessClock Clock { get; }

    public SimulatedReplica Replica { get; }

    /// <summary>The time when it was started.</summary>
    public TimeSpan Born { get; }

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    /// <summary>A write has failed; the ring tells its trainer as soon as that asks.</summary>
    public bool DiskFailed => Peer.Disk.Failures > failuresBefore;

    /// <summary>It was asked to leave.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>It waits with a step that no trainer begins before all faults are over.</summary>
    public bool IsAtGate => gate is { Task.IsCompleted: false };

    /// <summary>The highest view that it answered a prepare for, as others saw it.</summary>
    public int Promised { get; set; }

    /// <summary>The last view and step that it said it holds.</summary>
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
            Begin();
            Member.Start();
            if (world.Scenario.IsEager && Replica.Step + 1 < world.Scenario.Gate)
                Cast(Replica.Step + 1, TimeSpan.Zero, default);
            // turns that are there at once do not come back to the loop, which looks at it
            while (!IsDead && world.Invariants.Failure is null)
            {
                Turn turn = await Member.NextAsync(Replica.Step, Replica.SliceDigest(Replica.Step + 1));
                if (IsDead)
                    return;
                if (turn is EndTurn end)
                {
                    world.OnEnded(this, end);
                    return;
                }
                await TakeAsync(turn);
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
        PassGate();
    }

    /// <summary>Need not wait with its step any more.</summary>
    public void PassGate() => gate?.TrySetResult(true);

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
        world.Counts.Retries += Member.Retries;
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

    void Begin()
    {
        SimulatedDisk own = disk.Disk;
        if (own.Shared.Count == 0)
            own.WriteCheckpoint(0, Replica.Save(), Momentum());
        else
            Load(long.MaxValue);
    }

    async Task TakeAsync(Turn turn)
    {
        switch (turn)
        {
            case ComputeTurn compute:
                await ComputeAsync(compute.Step);
                break;
            case ApplyTurn apply:
                await ApplyAsync(apply);
                if (apply.Computes && !IsDead)
                    await ComputeAsync(apply.Record.Step + 1);
                break;
            case SaveTurn:
                world.Trace.Add(Peer.Index, $"writes a checkpoint of step {Replica.Step} for another");
                await SaveAsync();
                break;
            case LoadTurn reload:
                Load(reload.StepMax);
                world.Trace.Add(Peer.Index, $"loads the checkpoint of step {Replica.Step}, at most {reload.StepMax}"
                    + (reload.Damage is null ? "" : $", because of damage: {reload.Damage}"));
                break;
        }
    }

    async Task ComputeAsync(long step)
    {
        if (step != Replica.Step + 1)
            world.Invariants.Violated("the replica stands right before the step that is to be computed (I20)",
                $"{Name} is at step {Replica.Step} and is to compute {step}");
        if (computed == (step, Replica.Chain))
            world.Invariants.Violated("no gradient is computed twice (I20)",
                $"{Name} is to compute step {step} again, from the same weights");
        computed = (step, Replica.Chain);
        world.Trace.Mix((ulong)step);
        Scenario scenario = world.Scenario;
        TimeSpan took = scenario.Compute[Peer.Index] * SimulatedGradient.Pace((ulong)scenario.Seed, Peer.Index, step)
            * Peer.Slowness;
        await Task.Delay(took, Clock);
        // A replica whose damage is not found yet must be free to go back when it is.
        if (step >= scenario.Gate && !world.GateIsOpen && !IsLeaving && !DiskFailed && Peer.FlippedAt is null)
            await PassGateAsync();
        if (!IsDead)
            Cast(step, took, Replica.SliceDigest(step));
    }

    Task PassGateAsync()
    {
        gate = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return gate.Task;
    }

    void Cast(long step, TimeSpan took, Digest weights)
    {
        (Ballot? ballot, float loss) = SimulatedGradient.Of((ulong)world.Scenario.Seed, Peer.Index, step, Replica.WeightsHash,
            Replica.Weights.Length, world.Scenario.Buckets(step));
        world.Chain.Cast(Peer.Index, step, ballot, loss);
        Member.SubmitBallot(step, ballot, loss, took, weights);
    }

    async Task ApplyAsync(ApplyTurn turn)
    {
        world.Trace.Mix((ulong)turn.Record.Step << 16 | (uint)turn.Record.View);
        world.Chain.Applying(this, turn.Record);
        Replica.Apply(turn.Record);
        world.Chain.Applied(this);
        if (Replica.Step % world.Scenario.CheckpointEvery == 0)
            await SaveAsync();
    }

    async Task SaveAsync()
    {
        byte[] shared = Replica.Save(), momentum = Momentum();
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 6)), Clock);
        disk.Disk.WriteCheckpoint(Replica.Step, shared, momentum);
    }

    void Load(long atMost)
    {
        if (disk.Snapshots.Newest(SnapshotKind.Shared, atMost) is not { } newest)
        {
            world.Invariants.Violated("a checkpoint to be loaded is there (I12)", $"{Name} has none at or before step {atMost}");
            throw new IOException("no checkpoint");
        }
        computed = (-1, default);
        Replica.Load(disk.Disk.Shared[newest.Step]);
        world.Chain.Loaded(this);
    }

    byte[] Momentum() => [.. BitConverter.GetBytes(Replica.Step), (byte)Peer.Index, .. new byte[31]];

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
