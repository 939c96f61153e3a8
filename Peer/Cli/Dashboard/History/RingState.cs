namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The ring's state after a step.</summary>
sealed record RingState
{
    /// <summary>The step; 0: none is decided yet.</summary>
    public required long Step { get; init; }

    /// <summary>True for the latest step that any peer reported.</summary>
    public required bool IsLatest { get; init; }

    /// <summary>The course of the run: starting, waiting, running, paused, finished, left, failed.</summary>
    public required string Status { get; init; }

    /// <summary>The view's name; null before the first.</summary>
    public string? View { get; init; }

    /// <summary>The members in the view's order.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>Members that it takes to decide.</summary>
    public int Quorum { get; init; }

    /// <summary>Ballots in the step.</summary>
    public int Voters { get; init; }

    /// <summary>Mean training loss, in nats.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Agreement of the votes, 0 … 1.</summary>
    public double? Agreement { get; init; }

    /// <summary>Share of parameters whose majority turned round.</summary>
    public double? Flips { get; init; }

    /// <summary>Payload bits a parameter that a peer sent.</summary>
    public double? Bits { get; init; }

    /// <summary>Bits a parameter that a ring of so many members sends with fp32.</summary>
    public double? Fp32Bits { get; init; }

    /// <summary>The first 16 digits of the chain digest.</summary>
    public string? Digest { get; init; }

    /// <summary>The peers of the roster.</summary>
    public required IReadOnlyList<PeerCondition> Peers { get; init; }

    /// <summary>The links between peers, those that need a look first.</summary>
    public required IReadOnlyList<LinkCondition> Links { get; init; }

    /// <summary>The matters that a person should look at.</summary>
    public required IReadOnlyList<Alert> Alerts { get; init; }
}
