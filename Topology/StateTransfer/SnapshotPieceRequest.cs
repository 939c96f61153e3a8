using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>A request for a piece of a donor's snapshot.</summary>
/// <param name="Id">Tells its answer from those to earlier requests.</param>
/// <param name="Snapshot">The checkpoint's file that is asked for.</param>
/// <param name="SnapshotStep">The step after which it was written.</param>
/// <param name="Offset">The piece's first byte in the file.</param>
/// <param name="Sha">The file's SHA-256.</param>
sealed record SnapshotPieceRequest(int Id, SnapshotKind Snapshot, long SnapshotStep, long Offset, Digest Sha) : FetchRequest(Id)
{
    public override FetchKind Kind => Snapshot == SnapshotKind.Shared ? FetchKind.Snapshot : FetchKind.Momentum;

    public override long Step => SnapshotStep;

    private protected override (long Offset, Digest Digest, bool IncludeUncommitted) Fields => (Offset, Sha, false);
}
