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

    /// <summary>The chain's digest after that step; all zeros before a run is founded.</summary>
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

    /// <summary>The ring is joined: this is where all replicas stand.</summary>
    /// <param name="step">The last step applied.</param>
    /// <param name="chain">The chain's digest after it; of a new run, where its chain begins.</param>
    /// <param name="fetched">The bytes were replaced by another peer's; <see cref="Digest"/> must follow from them.</param>
    void Joined(long step, ChainDigest chain, bool fetched);
}
