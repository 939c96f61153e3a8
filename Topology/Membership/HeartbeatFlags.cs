namespace DecentralizedLion.Topology.Membership;

/// <summary>The state of a peer, in bits.</summary>
[Flags]
enum HeartbeatFlags : byte
{
    None = 0,

    /// <summary>It takes part in its view.</summary>
    Active = 1,

    /// <summary>It has promised a later view and does nothing more in its present one.</summary>
    InViewChange = 2,

    /// <summary>It has all records there are, as far as it knows, and wants to join.</summary>
    CaughtUp = 4,

    /// <summary>It wants to leave in order.</summary>
    Leaving = 8,
}
