using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Estimates the bytes of records that are not here yet, from what their steps carry.</summary>
sealed class RecordLengths(RingOptions options, IJournal journal)
{
    /// <summary>About the bytes that a record has beside its planes.</summary>
    public const long Overhead = 128;

    // So many steps are enough to tell how long records are.
    const long SampleMax = 128;

    /// <summary>About the bytes of so many records after the last that is here.</summary>
    public long Estimate(long records)
    {
        long looked = Math.Min(records, SampleMax), bytes = 0;
        for (long step = journal.LastStep + 1; step <= journal.LastStep + looked; step++)
            bytes += StepRecord.PlaneBytes(options.BucketsOf(step), options.PeerIds.Count) + Overhead;
        return looked <= 0 ? 0 : bytes * records / looked; // what steps carry changes slowly, or comes again soon
    }
}
