using System.Text.Json.Serialization;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The condition of one peer after a step.</summary>
sealed record PeerCondition
{
    /// <summary>The peer's id.</summary>
    public required string Id { get; init; }

    /// <summary>The condition in a word or two.</summary>
    public required string State { get; init; }

    /// <summary>The kind of condition.</summary>
    public required ConditionKind Kind { get; init; }

    /// <summary>The reason or the circumstances; null: the word says it all.</summary>
    public string? Text { get; init; }

    /// <summary>True when the peer's own file is at hand.</summary>
    public bool HasFile { get; init; }

    /// <summary>Steps that the peer has applied; null: it does not say.</summary>
    public long? Step { get; init; }

    /// <summary>The chain digest after them, its first 16 digits.</summary>
    public string? Digest { get; init; }

    /// <summary>True when the digest is the one that the ring has after that step; null when there is none to compare.</summary>
    public bool? IsSameDigest { get; init; }

    /// <summary>Forward, backward and ballot of the step, in seconds.</summary>
    public double? Compute { get; init; }

    /// <summary>From the ballot to the applied step, in seconds.</summary>
    public double? Exchange { get; init; }

    /// <summary>Bytes that the peer sent in the step.</summary>
    public double? Bytes { get; init; }
}

/// <summary>The kinds of conditions.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConditionKind>))]
enum ConditionKind
{
    /// <summary>The ballot is in the step.</summary>
    Votes,

    /// <summary>A member without a ballot in the step.</summary>
    Abstains,

    /// <summary>No member.</summary>
    Away,

    /// <summary>It does something that it must do before it votes.</summary>
    Busy,

    /// <summary>Something is wrong with it.</summary>
    Trouble,

    /// <summary>It has ended in order.</summary>
    Ended,
}
