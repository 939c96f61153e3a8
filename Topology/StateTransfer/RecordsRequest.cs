using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>A request for the records from a step on, if they follow what the requester has.</summary>
/// <param name="Id">Tells its answer from those to earlier requests.</param>
/// <param name="FirstStep">The first record's step.</param>
/// <param name="Offset">Bytes of the first record that are here already.</param>
/// <param name="DigestBefore">The chain's digest before the first record.</param>
/// <param name="IncludeUncommitted">Records that are persisted but not committed, too: a view is being decided that begins after
/// them.</param>
sealed record RecordsRequest(int Id, long FirstStep, long Offset, Digest DigestBefore, bool IncludeUncommitted) : FetchRequest(Id)
{
    public override FetchKind Kind => FetchKind.Records;

    public override long Step => FirstStep;

    private protected override (long Offset, Digest Digest, bool IncludeUncommitted) Fields =>
        (Offset, DigestBefore, IncludeUncommitted);
}
