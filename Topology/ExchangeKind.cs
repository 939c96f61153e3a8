namespace DecentralizedLion.Topology;

/// <summary>The way of an all-reduce (docs/protocol.md#exchange).</summary>
enum ExchangeKind
{
    /// <summary>2(N−1) hops to the neighbour: every link carries the same.</summary>
    Ring,

    /// <summary>Two rounds, each chunk straight to its owner and back to all: fewer bits, more links.</summary>
    Direct,
}
