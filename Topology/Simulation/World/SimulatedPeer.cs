namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>A host: a disk, and one process after the other.</summary>
sealed class SimulatedPeer(SimulatedWorld world, int index)
{
    int processes;

    public int Index => index;

    public SimulatedDisk Disk { get; private set; } = NewDisk(world);

    /// <summary>The process that runs; null: none.</summary>
    public SimulatedProcess? Process { get; private set; }

    /// <summary>The factor by which it computes more slowly than usual.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>After which step a bit of its weights flipped; null: they are sound.</summary>
    public long? FlippedAt { get; set; }

    /// <summary>It was in the ring at some time.</summary>
    public bool WasActive { get; set; }

    /// <summary>A fault has its process in hand.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Its run is over: the last step at which it stood.</summary>
    public long? FinishedAt { get; set; }

    /// <summary>Starts a process; there must be none.</summary>
    public void Start(Bootstrap bootstrap = Bootstrap.AllPeers)
    {
        Process = new SimulatedProcess(world, this, ++processes, bootstrap);
        world.Trace.Add(index,
            $"is started{(bootstrap == Bootstrap.AllPeers ? "" : $", bootstrap {bootstrap}")}, session {Process.Session:x}, "
            + $"checkpoint {(Disk.Shared.Count == 0 ? "none" : Disk.Shared.Keys[^1])}, journal {Disk.First} … {Disk.Last}");
        Process.Run();
    }

    /// <summary>Ends the process at once.</summary>
    /// <param name="how">For the trace.</param>
    /// <param name="refuses">Whether its host tells the others.</param>
    /// <param name="inItsOwnCall">Whether it happens while the process is in the middle of something.</param>
    public void Die(string how, bool refuses, bool inItsOwnCall = false)
    {
        if (Process is not { } process)
            return;
        Process = null;
        world.Trace.Add(index, $"{how} at step {process.Replica.Step}");
        world.Network.Close(index, refuses);
        process.Die(inItsOwnCall);
    }

    /// <summary>Loses the disk.</summary>
    public void Wipe()
    {
        byte[]? promises = Disk.ViewState;
        (Disk, FlippedAt) = (NewDisk(world), null);
        world.OnDiskLost(index, promises);
    }

    /// <summary>Loses the promises only.</summary>
    public void Forget()
    {
        byte[]? promises = Disk.ViewState;
        Disk.ViewState = null;
        world.OnDiskLost(index, promises);
    }

    static SimulatedDisk NewDisk(SimulatedWorld world) =>
        new(world.Scenario.Parameters, world.Scenario.CheckpointEvery, world.Scenario.Buckets, world.Clock);
}
