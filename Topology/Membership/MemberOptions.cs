using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Membership;

/// <summary>Which way the sign counts go round (section 5).</summary>
public enum ExchangeKind
{
    /// <summary>2(N−1) hops to the neighbour: every link carries the same.</summary>
    Ring,

    /// <summary>Two rounds, each chunk straight to its owner and back to all: fewer bits, more links.</summary>
    Direct,
}

/// <summary>What a member must know before it greets anyone.</summary>
public sealed record MemberOptions
{
    /// <summary>The peers' names, by roster index.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Our roster index.</summary>
    public required int Self { get; init; }

    /// <summary>What all peers must agree on.</summary>
    public required Fingerprint Fingerprint { get; init; }

    /// <summary>This process's random number: tells it from an earlier process of the same peer. Not zero.</summary>
    public required ulong Session { get; init; }

    /// <summary>Length of the vote, in parameters.</summary>
    public required int Parameters { get; init; }

    /// <summary>Ring or direct.</summary>
    public ExchangeKind Exchange { get; init; } = ExchangeKind.Ring;

    /// <summary>What decides a tie.</summary>
    public TieRule Ties { get; init; } = TieRule.Previous;

    /// <summary>Words of a segment, 0 for the default of this length; all peers must agree.</summary>
    public int SegmentWords { get; init; }

    /// <summary>Where each step's record is written before it is held; null: nowhere.</summary>
    public IJournal? Journal { get; init; }

    /// <summary>The run's last step, after which leaving is no news; <see cref="long.MaxValue"/>: none is known.</summary>
    public long LastStep { get; init; } = long.MaxValue;

    /// <summary>How long to wait for what.</summary>
    public RingTimings Timings { get; init; } = RingTimings.Default;
}
