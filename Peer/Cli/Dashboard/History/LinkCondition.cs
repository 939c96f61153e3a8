namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The link between two peers at about a step.</summary>
sealed record LinkCondition
{
    /// <summary>One end.</summary>
    public required string A { get; init; }

    /// <summary>The other end.</summary>
    public required string B { get; init; }

    /// <summary>The smoothed round trip in seconds, the longer of what both ends measured; null: none was measured.</summary>
    public double? RoundTrip { get; init; }

    /// <summary>Bytes a second from A to B; null: neither says.</summary>
    public double? Forward { get; init; }

    /// <summary>Bytes a second from B to A; null: neither says.</summary>
    public double? Backward { get; init; }

    /// <summary>False when one of them heard nothing of the other.</summary>
    public required bool IsHeard { get; init; }
}
