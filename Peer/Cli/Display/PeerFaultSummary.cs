namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The faults of one peer, in numbers. What only its own events say is null where they are not at hand.</summary>
sealed record PeerFaultSummary
{
    public required string Peer { get; init; }

    /// <summary>Times that it was removed from the view.</summary>
    public required int Removed { get; init; }

    /// <summary>Times that it became a member again.</summary>
    public required int Rejoined { get; init; }

    /// <summary>Steps without its ballot.</summary>
    public required long Abstained { get; init; }

    /// <summary>Their share of the steps that it was a member in, 0 … 1.</summary>
    public required double AbstainedShare { get; init; }

    /// <summary>In how many steps its ballot was missing, by its own reason.</summary>
    public required IReadOnlyDictionary<string, int>? Reasons { get; init; }

    /// <summary>Processes that came to train.</summary>
    public required int? Starts { get; init; }

    /// <summary>Frames that it requested again.</summary>
    public required long? Resends { get; init; }

    /// <summary>Times without a quorum.</summary>
    public required int? Pauses { get; init; }

    /// <summary>For how long, in seconds.</summary>
    public required double? PausedSeconds { get; init; }

    /// <summary>Times that it fetched records.</summary>
    public required int? RecordFetches { get; init; }

    /// <summary>Times that it fetched a snapshot.</summary>
    public required int? SnapshotFetches { get; init; }

    /// <summary>Times that it sent invalid frames.</summary>
    public required int Misbehaved { get; init; }

    /// <summary>Times that its votes or sums were suspicious.</summary>
    public required int SuspiciousVotes { get; init; }
}
