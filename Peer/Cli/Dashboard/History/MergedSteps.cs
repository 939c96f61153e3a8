namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>Merges the steps that the peers reported. All peers report the same of the ring, so each bucket is taken from the
/// peer that reported the most steps in it.</summary>
static class MergedSteps
{
    /// <summary>The buckets, by step, of the greatest width that any peer's have.</summary>
    public static IReadOnlyList<StepBucket> Of(IReadOnlyList<PeerHistory> peers)
    {
        var width = WidthOf(peers);
        var best = new SortedDictionary<long, StepBucket>();
        foreach (var peer in peers)
            foreach (var (place, bucket) in Widen(peer.Steps, width))
                if (!best.TryGetValue(place, out var other) || other.Count < bucket.Count)
                    best[place] = bucket;
        return [.. best.Values];
    }

    /// <summary>The width of all peers' buckets together.</summary>
    public static long WidthOf(IReadOnlyList<PeerHistory> peers) =>
        peers.Select(peer => peer.Steps.Width).DefaultIfEmpty(1).Max();

    /// <summary>A peer's buckets, in a width that its own is a part of.</summary>
    public static IEnumerable<(long Place, StepBucket Bucket)> Widen(StepBuckets steps, long width)
    {
        (long Place, StepBucket Bucket)? open = null;
        foreach (var bucket in steps.All)
        {
            var place = StepBuckets.PlaceOf(bucket.First, width);
            if (steps.Width == width)
                yield return (place, bucket);
            else if (open is { } same && same.Place == place)
                same.Bucket.Add(bucket);
            else
            {
                if (open is { } full)
                    yield return full;
                open = (place, bucket.Copy());
            }
        }
        if (open is { } last)
            yield return last;
    }
}
