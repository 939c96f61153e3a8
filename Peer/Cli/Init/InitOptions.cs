namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>The flags of <c>peer init</c>.</summary>
sealed record InitOptions
{
    /// <summary>The hosts as they were given: <c>HOST</c>, <c>HOST:PORT</c>, <c>ID=HOST</c> or <c>ID=HOST:PORT</c>, several in
    /// one text where it has line breaks; <c>-</c> for those on standard input. None: standard input, where it is
    /// redirected.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The file to make.</summary>
    public required string Out { get; init; }

    /// <summary>The port of a host that is given without one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>A file to take everything from but the peers; null for the fields below.</summary>
    public string? Settings { get; init; }

    /// <summary>The run's name; null for the usual one.</summary>
    public string? Run { get; init; }

    /// <summary>The number of steps; 0 for the usual one.</summary>
    public int Steps { get; init; }

    /// <summary><c>KIND</c> or <c>KIND:PATH</c> of the model; null for the usual one with the data.</summary>
    public string? Model { get; init; }

    /// <summary><c>KIND</c> or <c>KIND:PATH</c> of the data; null for the usual ones with the model.</summary>
    public string? Data { get; init; }

    /// <summary>The folder for all peers' secret keys; null to make none.</summary>
    public string? Keys { get; init; }

    /// <summary>True for links without encryption, on one computer.</summary>
    public bool Insecure { get; init; }

    /// <summary>True when a file that is there may be replaced.</summary>
    public bool Force { get; init; }

    public const int DefaultPort = 7700;
}
