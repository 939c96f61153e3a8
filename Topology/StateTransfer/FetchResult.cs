namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>The results of a request.</summary>
enum FetchResult : byte
{
    /// <summary>The bytes asked for.</summary>
    Bytes,

    /// <summary>There is nothing after what the asker has.</summary>
    UpToDate,

    /// <summary>The asker's chain is not ours at that step.</summary>
    OtherChain,

    /// <summary>Our journal begins later.</summary>
    TooFar,

    /// <summary>Our journal ends earlier.</summary>
    Behind,

    /// <summary>There is none, or not any more.</summary>
    Gone,

    /// <summary>A newer checkpoint is being written: ask again in a moment.</summary>
    Later,
}
