using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests;

/// <summary>A host of the rig: a disk, and one process after the other.</summary>
sealed class HarnessPeer(RingHarness ring, int index)
{
    SimulatedDisk? disk;
    int processes;

    public int Index => index;

    public SimulatedDisk Disk => disk ??= new SimulatedDisk(ring.Parameters, ring.CheckpointEvery);

    /// <summary>The process that runs; null: none.</summary>
    public HarnessProcess? Process { get; private set; }

    public Member Member => Process!.Member;

    public SimulatedReplica Replica => Process!.Replica;

    /// <summary>Every step that was applied, and when.</summary>
    public List<(long Step, TimeSpan At)> Applied { get; } = [];

    /// <summary>Why its last process stopped, if its ring could not go on.</summary>
    public string? Stopped { get; private set; }

    /// <summary>The turn that ended its last process in order.</summary>
    public EndTurn? Ended { get; private set; }

    /// <summary>A bit of its weights was flipped, and it has not mended itself.</summary>
    public bool IsDamaged { get; set; }

    public string State => Process is not { } process ? $"no process, {Stopped ?? (Ended is null ? "killed" : "ended")}"
        : $"{(process.Member.IsActive ? "active" : "not active")}, view {process.Member.View?.Name ?? "none"} "
            + $"({(process.Member.View is { } view ? string.Join(' ', view.Members) : "")}), "
            + $"applied {process.Replica.Step}, committed {process.Member.Committed}, journal {Disk.First} … {Disk.Last}";

    /// <summary>Starts a process; there must be none.</summary>
    public void Start(Bootstrap bootstrap = Bootstrap.AllPeers)
    {
        Assert.Null(Process);
        (Stopped, Ended, IsDamaged) = (null, null, false);
        Process = new HarnessProcess(ring, this, ++processes, bootstrap);
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(ring.Loop);
        Process.Run();
        SynchronizationContext.SetSynchronizationContext(outer);
    }

    /// <summary>Ends the process at once, as <c>kill -9</c> does.</summary>
    /// <param name="refuses">Whether its host lives and tells the others that its port is closed.</param>
    public void Kill(bool refuses = true)
    {
        HarnessProcess process = Process!;
        Process = null;
        ring.Network.Close(index, refuses);
        process.Die();
    }

    /// <summary>Kills it and starts it again at once.</summary>
    public void Restart()
    {
        Kill();
        Start();
    }

    /// <summary>Loses the disk; no process may run.</summary>
    public void Wipe()
    {
        Assert.Null(Process);
        disk = null;
    }

    /// <summary>Flips a bit of a weight.</summary>
    public void Flip(int parameter)
    {
        IsDamaged = true;
        ref float weight = ref Replica.Weights[parameter];
        weight = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(weight) ^ (1 << 20));
    }

    /// <summary>Its ring's run is over, or cannot go on.</summary>
    public void OnEnded(EndTurn? end, string? stopped)
    {
        (Ended, Stopped) = (end, stopped);
        Kill();
    }
}
