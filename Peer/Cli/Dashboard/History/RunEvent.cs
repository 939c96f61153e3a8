namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>A line of the event log: something that one peer told, or several in the same words.</summary>
sealed record RunEvent
{
    /// <summary>The event's number, in the order in which events were read.</summary>
    public long Number { get; set; }

    /// <summary>The kind: that of a ring's event (<see cref="Metrics.Fault.What"/>), or start, end, evaluation, checkpoint, note.
    /// </summary>
    public required string What { get; init; }

    /// <summary>The id of the peer that it happened to; null: to no one peer.</summary>
    public string? Peer { get; init; }

    /// <summary>The ids of the peers that told it.</summary>
    public required List<string> Tellers { get; init; }

    /// <summary>A sentence.</summary>
    public required string Text { get; init; }

    /// <summary>Steps that the telling peer had applied.</summary>
    public required long Step { get; init; }

    /// <summary>The time by the telling host's clock; null where its line has none.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The time to sort by: its own, or what it probably was.</summary>
    public DateTimeOffset SortTime { get; init; }

    /// <summary>Its length in seconds, that of the peer for which it took longest; null: it has none.</summary>
    public double? Seconds { get; set; }

    /// <summary>Grows whenever the event changes, over all events of the log.</summary>
    public long Revision { get; set; }

    /// <summary>The event's weight for a person.</summary>
    public Severity Severity => EventAdvice.SeverityOf(What);
}
