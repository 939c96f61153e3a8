using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Snapshots;

/// <summary>One file of a checkpoint, as it is offered to others.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Step">After which step it was written.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="Sha">SHA-256 of its contents (of the tensors' bytes).</param>
readonly record struct SnapshotInfo(SnapshotKind Kind, long Step, long Length, Digest Sha);
