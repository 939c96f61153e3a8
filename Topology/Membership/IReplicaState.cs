using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// The replicated state of a peer: what must be equal on all before the first vote, and what one that differs fetches from
/// another. Used on the loop, only while no step is applied.
/// </summary>
public interface IReplicaState
{
    /// <summary>The last step applied, 0 for a new run.</summary>
    long Step { get; }

    /// <summary>The chain's digest after that step; ignored for a new run.</summary>
    ChainDigest Chain { get; }

    /// <summary>Digest of all <see cref="Length"/> bytes.</summary>
    ChainDigest Digest { get; }

    /// <summary>Bytes of the state, the same for all peers.</summary>
    long Length { get; }

    /// <summary>The last verdict per parameter that was not zero, one bit each; part of the state.</summary>
    ulong[] Previous { get; }

    /// <summary>Copies bytes out.</summary>
    void Read(long offset, Span<byte> destination);

    /// <summary>Copies bytes in.</summary>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>All bytes were replaced by another peer's state after that step; <see cref="Digest"/> must follow from them.</summary>
    void Replaced(long step, ChainDigest chain);
}
