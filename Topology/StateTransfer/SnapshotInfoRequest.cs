using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>A request for the step, the length and the digest of a donor's newest snapshot.</summary>
/// <param name="Id">Tells its answer from those to earlier requests.</param>
/// <param name="Snapshot">The checkpoint's file that is asked for.</param>
/// <param name="StepMax">No newer one than of this step.</param>
/// <param name="StepMin">The donor is to write another when its newest is of an earlier step; 0: any will do.</param>
sealed record SnapshotInfoRequest(int Id, SnapshotKind Snapshot, long StepMax, long StepMin = 0) : FetchRequest(Id)
{
    public override FetchKind Kind => Snapshot == SnapshotKind.Shared ? FetchKind.SnapshotInfo : FetchKind.MomentumInfo;

    public override long Step => StepMax;

    private protected override (long Offset, Digest Digest, bool IncludeUncommitted) Fields => (StepMin, default, false);
}
