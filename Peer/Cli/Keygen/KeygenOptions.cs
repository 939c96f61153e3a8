namespace DecentralizedLion.Peer.Cli.Keygen;

/// <summary>The flags of <c>peer keygen</c>.</summary>
sealed record KeygenOptions
{
    /// <summary>Beside it the key files are made; it need not be there yet.</summary>
    public required string PeersFile { get; init; }

    /// <summary>Whose keys; none for the peer with this host's name.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>The file to make; null for ID.key beside peers.json.</summary>
    public string? Key { get; init; }

    /// <summary>True when a key that is there may be lost.</summary>
    public bool Replace { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}
