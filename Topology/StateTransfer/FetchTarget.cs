using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>The steps or the state that a member lacks.</summary>
/// <param name="Step">Records up to this one; <see cref="long.MaxValue"/>: all there are, and those that follow.</param>
/// <param name="Chain">The chain's digest after it; zeros: any.</param>
/// <param name="IncludeUncommitted">Records that are not committed yet count, too.</param>
/// <param name="State">Not records but the checkpoint with this SHA-256 (zeros: any newer than the damage), at
/// <paramref name="Step"/>.</param>
/// <param name="StateMin">That checkpoint must not be older than this step.</param>
readonly record struct FetchTarget(long Step, Digest Chain, bool IncludeUncommitted, Digest? State = null, long StateMin = 0);
