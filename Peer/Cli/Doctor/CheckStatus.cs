namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>The outcome of a check of <c>peer doctor</c>.</summary>
enum CheckStatus
{
    Ok,

    /// <summary>Something to know; training can begin.</summary>
    Warning,

    /// <summary>Training cannot begin, or not with that peer.</summary>
    Failed,
}
