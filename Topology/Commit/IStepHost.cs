using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Commit;

/// <summary>The services that the steps in flight need of the member they are a part of.</summary>
interface IStepHost
{
    /// <summary>Writes a record to the journal; false when it cannot be written, and the member stops.</summary>
    bool TryPersist(StepRecord record);

    /// <summary>A step was committed; <see cref="LastCommit"/> stands after it.</summary>
    void OnCommitted(InflightStep step);

    /// <summary>A quorum holds a step otherwise than this member: its own record is wrong.</summary>
    void OnQuorumDiffers(StepRecord ours, Digest digest, PeerSet quorum);

    /// <summary>Digest of the slice of the weights that a step compares; zeros when the trainer is not there yet.</summary>
    Digest WeightsBefore(long step);

    /// <summary>Memory of so many words for an outcome, that nobody reads any more; null: none.</summary>
    ulong[]? RentPlanes(int words);

    /// <summary>A step's outcomes are not needed by the ring any more; its trainer may still read them.</summary>
    void ReturnPlanes(long step, Aggregate[] aggregates);
}
