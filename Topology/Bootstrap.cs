namespace DecentralizedLion.Topology;

/// <summary>The way in which a ring begins.</summary>
public enum Bootstrap
{
    /// <summary>A new run needs all peers once; a run that was begun goes on with a quorum of its last view.</summary>
    AllPeers,

    /// <summary>A person said so: this peer begins a new run alone (<c>--bootstrap</c>), the others join it.</summary>
    Single,

    /// <summary>A person said so: this peer goes on alone from its own disk in a new run id (<c>--force-new-ring</c>), the
    /// others join it.</summary>
    ForceNewRing,
}
