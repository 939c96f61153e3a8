using DecentralizedLion.Codecs;

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

    /// <summary>This process's random number: tells it from an earlier process of the same peer. Not zero once it runs.</summary>
    public ulong Session { get; init; }

    /// <summary>Length of the vote, in parameters.</summary>
    public required int Parameters { get; init; }

    /// <summary>Ring or direct.</summary>
    public ExchangeKind Exchange { get; init; } = ExchangeKind.Ring;

    /// <summary>What decides a tie.</summary>
    public TieRule Ties { get; init; } = TieRule.Previous;

    /// <summary>Words of a segment, 0 for the default of this length; all peers must agree.</summary>
    public int SegmentWords { get; init; }

    /// <summary>The rates of each step, from 1.</summary>
    public required Func<long, StepRates> Rates { get; init; }

    /// <summary>The run's last step; <see cref="long.MaxValue"/>: none is known.</summary>
    public long LastStep { get; init; } = long.MaxValue;

    /// <summary>How a run begins where no ring is known, or what to do when the disks of a quorum are lost.</summary>
    public Founding Founding { get; init; } = Founding.WholeRoster;

    /// <summary>How long to wait for what.</summary>
    public RingTimings Timings { get; init; } = RingTimings.Default;
}

/// <summary>How a ring begins.</summary>
public enum Founding
{
    /// <summary>A new run needs all peers once; a run that was begun goes on with a quorum of its last view.</summary>
    WholeRoster,

    /// <summary>A person said so: this peer begins a new run alone (<c>--found</c>), the others join it.</summary>
    Alone,

    /// <summary>A person said so: this peer goes on alone from its own disk in a new lineage (<c>--refound</c>), the others join it.</summary>
    Again,
}
