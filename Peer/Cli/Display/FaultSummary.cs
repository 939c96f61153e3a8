namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The faults and recoveries of a run, in numbers.</summary>
sealed record FaultSummary
{
    /// <summary>Steps of which there is a record.</summary>
    public required int Steps { get; init; }

    /// <summary>The first of them; null without any.</summary>
    public required long? FirstStep { get; init; }

    /// <summary>The last of them.</summary>
    public required long? LastStep { get; init; }

    /// <summary>The peers whose events were read.</summary>
    public required IReadOnlyList<string> ReadFrom { get; init; }

    /// <summary>Views with steps in them.</summary>
    public required int Views { get; init; }

    /// <summary>Changes of the view because of a fault.</summary>
    public required int FaultChanges { get; init; }

    /// <summary>Changes of the view as planned.</summary>
    public required int PlannedChanges { get; init; }

    /// <summary>How long recoveries took; null where there were none.</summary>
    public required RecoveryTimes? Recoveries { get; init; }

    /// <summary>Times that weights or records differed.</summary>
    public required int Divergences { get; init; }

    /// <summary>Journals from which steps were removed that the ring had decided otherwise.</summary>
    public required int JournalsCut { get; init; }

    /// <summary>Peers that were refused.</summary>
    public required int Refused { get; init; }

    /// <summary>Times that a peer sent invalid frames.</summary>
    public required int Misbehaved { get; init; }

    /// <summary>Times that votes or sums were suspicious.</summary>
    public required int SuspiciousVotes { get; init; }

    /// <summary>Reports of traffic from outside the ring.</summary>
    public required int RejectedTraffic { get; init; }

    /// <summary>Each peer's, by id.</summary>
    public required IReadOnlyList<PeerFaultSummary> Peers { get; init; }
}
