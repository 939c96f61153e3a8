using DecentralizedLion.Peer.Cli.Dashboard.Reading;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>
/// All steps that a peer reported, in at most <see cref="CountMax"/> buckets of equal width: whenever there are more, the width
/// doubles. Buckets begin at multiples of their width, so those of several peers fit together.
/// </summary>
sealed class StepBuckets
{
    /// <summary>More buckets than that are more than a chart can show.</summary>
    public const int CountMax = 512;

    readonly List<StepBucket> buckets = [];

    /// <summary>Steps in a bucket: a power of two.</summary>
    public long Width { get; private set; } = 1;

    /// <summary>The buckets with steps in them, by step.</summary>
    public IReadOnlyList<StepBucket> All => buckets;

    /// <summary>The place of a bucket of a width: its steps are those with <c>(step − 1) / width</c> equal to it.</summary>
    public static long PlaceOf(long step, long width) => (step - 1) / width;

    /// <summary>Takes in a step. One that does not come after the last one is done again: the ones from it on are
    /// void.</summary>
    /// <param name="row">The step.</param>
    /// <param name="offset">Its line's place in the file.</param>
    public void Add(StepRow row, long offset)
    {
        if (buckets is [.., var latest] && row.Step <= latest.Last)
            DropFrom(row.Step);
        if (buckets is [.., var last] && PlaceOf(last.First, Width) == PlaceOf(row.Step, Width))
        {
            last.Add(row);
            return;
        }
        buckets.Add(new StepBucket(row, offset));
        while (buckets.Count > CountMax)
            Double();
    }

    /// <summary>The bucket with a step in it, or else the nearest before it; null: there is none.</summary>
    public StepBucket? Find(long step)
    {
        var (low, high) = (0, buckets.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (buckets[middle].First <= step)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? null : buckets[low - 1];
    }

    /// <summary>Forgets all steps.</summary>
    public void Clear()
    {
        buckets.Clear();
        Width = 1;
    }

    /// <summary>Steps before it in its own bucket stay summed up with those after it: that is exact where buckets have one
    /// step.</summary>
    void DropFrom(long step)
    {
        while (buckets is [.., var last] && last.First >= step)
            buckets.RemoveAt(buckets.Count - 1);
    }

    void Double()
    {
        Width *= 2;
        var kept = 0;
        for (int i = 0; i < buckets.Count; i++)
        {
            var bucket = buckets[i];
            if (kept > 0 && PlaceOf(buckets[kept - 1].First, Width) == PlaceOf(bucket.First, Width))
                buckets[kept - 1].Add(bucket);
            else
                buckets[kept++] = bucket;
        }
        buckets.RemoveRange(kept, buckets.Count - kept);
    }
}
