using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>A process's trainer: as the program's it does what the ring says, turn by turn.</summary>
sealed class SimulatedTrainer(SimulatedWorld world, SimulatedProcess process, DiskHandle disk, Random random)
{
    TaskCompletionSource<bool>? gate;
    (long Step, Digest Chain) computed = (-1, default);

    /// <summary>The weights that it trains.</summary>
    public SimulatedReplica Replica { get; } = SimulatedReplica.Initial(world.Scenario.Parameters,
        world.Scenario.InitialOf(process.Peer.Index), world.Scenario.Buckets);

    /// <summary>It waits with a step that no trainer begins before all faults are over.</summary>
    public bool IsAtGate => gate is { Task.IsCompleted: false };

    int Index => process.Peer.Index;

    /// <summary>Need not wait with its step any more.</summary>
    public void PassGate() => gate?.TrySetResult(true);

    /// <summary>Starts from what is on the disk.</summary>
    public void Begin()
    {
        SimulatedDisk own = disk.Disk;
        if (own.Shared.Count == 0)
            own.WriteCheckpoint(0, Replica.Save(), Momentum());
        else
            Load(long.MaxValue);
    }

    /// <summary>Takes a turn.</summary>
    public async Task TakeAsync(TrainerTurn turn)
    {
        switch (turn)
        {
            case ComputeTurn compute:
                await ComputeAsync(compute.Step);
                break;
            case ApplyTurn apply:
                await ApplyAsync(apply);
                if (apply.Computes && !process.IsDead)
                    await ComputeAsync(apply.Record.Step + 1);
                break;
            case SaveTurn:
                world.Trace.Add(Index, $"writes a checkpoint of step {Replica.Step} for another");
                await SaveAsync();
                break;
            case LoadTurn reload:
                Load(reload.StepMax);
                world.Trace.Add(Index, $"loads the checkpoint of step {Replica.Step}, at most {reload.StepMax}"
                    + (reload.Damage is null ? "" : $", because of damage: {reload.Damage}"));
                break;
        }
    }

    async Task ComputeAsync(long step)
    {
        if (step != Replica.Step + 1)
            world.Invariants.Violated("the replica stands right before the step that is to be computed (I20)",
                $"{process.Name} is at step {Replica.Step} and is to compute {step}");
        if (computed == (step, Replica.Chain))
            world.Invariants.Violated("no gradient is computed twice (I20)",
                $"{process.Name} is to compute step {step} again, from the same weights");
        computed = (step, Replica.Chain);
        world.Trace.Mix((ulong)step);
        Scenario scenario = world.Scenario;
        TimeSpan took = scenario.Compute[Index] * SimulatedGradient.Pace((ulong)scenario.Seed, Index, step)
            * process.Peer.Slowness * ShareOf(step);
        await Task.Delay(took, process.Clock);
        // A replica whose damage is not found yet must be free to go back when it is.
        if (step >= scenario.Gate && !world.GateIsOpen
            && process is { HasLeft: false, DiskFailed: false, Peer.FlippedAt: null })
            await PassGateAsync();
        if (!process.IsDead)
            Cast(step, took, Replica.SliceDigest(step));
    }

    /// <summary>This peer's share of the samples, where all alike would be 1.</summary>
    double ShareOf(long step) => world.Scenario.SharedBatch is { } sum && process.Member.View is { } view
        && view.PositionOf(Index) is >= 0 and var at && view.Shares.Batches.Count > 0
        ? Math.Max(0.01, (double)view.BatchesAt(step)[at] * view.Count / sum) : 1;

    Task PassGateAsync()
    {
        gate = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return gate.Task;
    }

    /// <summary>Gives the ballot of a step to the ring.</summary>
    public void Cast(long step, TimeSpan took, Digest weights)
    {
        (Ballot? ballot, float loss) = SimulatedGradient.Of((ulong)world.Scenario.Seed, Index, step, Replica.WeightsHash,
            Replica.Weights.Length, world.Scenario.Buckets(step));
        world.Chain.Cast(Index, step, ballot, loss);
        process.Member.SubmitBallot(step, ballot, loss, took, weights);
    }

    async Task ApplyAsync(ApplyTurn turn)
    {
        world.Trace.Mix((ulong)turn.Record.Step << 16 | (uint)turn.Record.View);
        world.Chain.Applying(process, turn.Record);
        Replica.Apply(turn.Record);
        world.Chain.Applied(process);
        if (Replica.Step % world.Scenario.CheckpointEvery == 0)
            await SaveAsync();
    }

    async Task SaveAsync()
    {
        byte[] shared = Replica.Save(), momentum = Momentum();
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 6)), process.Clock);
        disk.Disk.WriteCheckpoint(Replica.Step, shared, momentum);
    }

    void Load(long stepMax)
    {
        if (disk.Snapshots.Newest(SnapshotKind.Shared, stepMax) is not { } newest)
        {
            world.Invariants.Violated("a checkpoint to be loaded is there (I12)",
                $"{process.Name} has none at or before step {stepMax}");
            throw new IOException("no checkpoint");
        }
        computed = (-1, default);
        Replica.Load(disk.Disk.Shared[newest.Step]);
        world.Chain.Loaded(process);
    }

    byte[] Momentum() => [.. BitConverter.GetBytes(Replica.Step), (byte)Index, .. new byte[31]];
}
