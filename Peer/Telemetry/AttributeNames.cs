namespace DecentralizedLion.Peer.Telemetry;

/// <summary>The names of attributes of measurements and spans: those of OpenTelemetry's conventions where there is one.</summary>
static class AttributeNames
{
    const string Prefix = "decentralized_lion.";

    /// <summary>The peer that measures; of the meter.</summary>
    public const string Peer = Prefix + "peer.id";

    /// <summary>The run; of the meter.</summary>
    public const string Run = Prefix + "run";

    /// <summary>The other end of a link.</summary>
    public const string LinkPeer = Prefix + "link.peer.id";

    /// <summary>The kind of an event of the ring, as in metrics.jsonl.</summary>
    public const string EventKind = Prefix + "event.kind";

    /// <summary>The reason why there is no ballot.</summary>
    public const string AbstentionReason = Prefix + "abstention.reason";

    /// <summary>A step.</summary>
    public const string Step = Prefix + "step.number";

    /// <summary>The number of a view.</summary>
    public const string View = Prefix + "view.number";

    /// <summary>Ballots in a step.</summary>
    public const string Voters = Prefix + "voters";

    /// <summary><c>transmit</c> or <c>receive</c>.</summary>
    public const string Direction = "network.io.direction";

    /// <summary>The class of an error.</summary>
    public const string ErrorType = "error.type";
}
