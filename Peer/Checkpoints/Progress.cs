using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The progress of a run after a step: the part of a checkpoint beside the weights, the same on all peers.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="Chain">The digest of the chain of records; zeros before the first.</param>
/// <param name="Fingerprint">The run's fingerprint, in hexadecimal.</param>
/// <param name="Data">Who takes which samples next.</param>
sealed record Progress(long Step, Digest Chain, string Fingerprint, SamplerState Data)
{
    /// <summary>The fields of the fingerprint, for the words about a change; none in a checkpoint that was written without
    /// them.</summary>
    public IReadOnlyList<FingerprintField> Settings { get; init; } = [];
}
