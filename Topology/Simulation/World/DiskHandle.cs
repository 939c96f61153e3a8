using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>A disk as one process sees it; after the process's end nothing comes through it.</summary>
sealed class DiskHandle : IViewStore
{
    readonly SimulatedDisk disk;
    readonly Action died;
    bool isClosed;

    public DiskHandle(SimulatedDisk disk, Action died)
    {
        (this.disk, this.died) = (disk, died);
        (Journal, Snapshots) = (new SimulatedJournal(this), new SimulatedSnapshots(this));
    }

    public SimulatedJournal Journal { get; }

    public SimulatedSnapshots Snapshots { get; }

    /// <summary>The disk, for the living.</summary>
    /// <exception cref="ProcessDiedException">The process is gone.</exception>
    public SimulatedDisk Disk => isClosed ? throw new ProcessDiedException() : disk;

    public void Close() => isClosed = true;

    /// <summary>The process ends in the middle of a write.</summary>
    public void Die()
    {
        disk.Tear = null;
        Close();
        died();
    }

    public byte[]? Load() => Disk.ViewState?.ToArray();

    public void Save(ReadOnlySpan<byte> state)
    {
        Disk.NeedSpace("a promise");
        disk.ViewState = state.ToArray();
    }
}
