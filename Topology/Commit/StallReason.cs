namespace DecentralizedLion.Topology.Commit;

/// <summary>Why a member has nothing to send.</summary>
enum StallReason : byte
{
    /// <summary>Its gradient is not done.</summary>
    Computing,

    /// <summary>It is alive and has not answered what it waits for.</summary>
    Late,

    /// <summary>Nothing is heard of it.</summary>
    Silent,
}
