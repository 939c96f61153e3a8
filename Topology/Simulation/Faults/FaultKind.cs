namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>The families of faults that a simulation knows.</summary>
enum FaultKind
{
    /// <summary>Frames are lost.</summary>
    Loss,

    /// <summary>Frames come twice.</summary>
    Repeat,

    /// <summary>Frames take longer.</summary>
    Delay,

    /// <summary>Frames overtake each other.</summary>
    Reorder,

    /// <summary>Bits of frames are flipped.</summary>
    Corrupt,

    /// <summary>Nothing passes from one peer to another.</summary>
    OneWayCut,

    /// <summary>Nothing passes between two peers.</summary>
    Cut,

    /// <summary>Nothing passes between two sides.</summary>
    Partition,

    /// <summary>A process is killed, or its host, and started again.</summary>
    Crash,

    /// <summary>A process is killed in the middle of a journal record.</summary>
    TornWrite,

    /// <summary>All processes are killed at once.</summary>
    CrashAll,

    /// <summary>A process is stopped (SIGSTOP) and let go.</summary>
    Freeze,

    /// <summary>A peer computes more slowly.</summary>
    Slow,

    /// <summary>A process is killed and started again with an empty disk.</summary>
    Wipe,

    /// <summary>A process is killed and started again; its promises cannot be read any more.</summary>
    Forget,

    /// <summary>A peer leaves in order and comes back.</summary>
    Leave,

    /// <summary>A disk has no space left.</summary>
    DiskFull,

    /// <summary>A bit of a peer's weights flips.</summary>
    Flip,

    /// <summary>All processes are killed and all disks but one are lost; an operator forces a new ring from that one.</summary>
    ForceNewRing,

    /// <summary>Several peers are asked to leave within a second, and come back.</summary>
    LeaveTogether,
}
