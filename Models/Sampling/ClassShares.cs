namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// Divides labelled samples among peers so that each sample is exactly one peer's. It follows from the labels, the number of
/// peers, the seed and the partition alone, and comes out the same on every machine.
/// </summary>
sealed class ClassShares
{
    /// <summary>Keeps these choices apart from all others that are made from the run's seed.</summary>
    const ulong Stream = 0x7061_7274_6974_696F;

    readonly ulong key;
    readonly int peers;
    readonly int[][] classes;                                          // the samples of each class that there is
    readonly int[][] counts;                                           // of each class: how many are each peer's

    /// <param name="labels">The samples' classes, at least as many as peers.</param>
    /// <param name="peers">How many peers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="partition">One that goes by classes.</param>
    public ClassShares(int[] labels, int peers, ulong seed, Partition partition)
    {
        key = SplitMix.Bits(seed, Stream);
        this.peers = peers;
        classes = [.. Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]).OrderBy(group => group.Key)
            .Select(group => group.ToArray())];
        counts = partition.Kind == PartitionKind.ByClass ? ByClass() : ByDirichlet(partition.Alpha);
        LeaveNobodyOut();
    }

    /// <summary>A peer's samples.</summary>
    public long[] Of(int peer)
    {
        var samples = new List<long>();
        for (var c = 0; c < classes.Length; c++)
        {
            // The peers take from the shuffled class, one after the other.
            var order = new ShuffledOrder(SplitMix.Bits(key, (ulong)c), classes[c].Length);
            var first = counts[c].AsSpan(0, peer).ToArray().Sum();
            for (var i = first; i < first + counts[c][peer]; i++)
                samples.Add(classes[c][order.At(i)]);
        }
        return [.. samples];
    }

    /// <summary>Classes are dealt to peers, or peers to classes where there are more of them, in an order that the seed decides;
    /// who shares a class has an equal part of it.</summary>
    int[][] ByClass()
    {
        var dealt = new ShuffledOrder(key, classes.Length);
        var shares = new int[classes.Length][];
        for (var place = 0; place < classes.Length; place++)
        {
            var c = dealt.At(place);
            var share = shares[c] = new int[peers];
            if (peers <= classes.Length)
            {
                share[place % peers] = classes[c].Length;
                continue;
            }
            var sharing = ((peers - place - 1) / classes.Length) + 1;
            for (var k = 0; k < sharing; k++)
                share[place + (k * classes.Length)] = (classes[c].Length / sharing) + (k < classes[c].Length % sharing ? 1 : 0);
        }
        return shares;
    }

    int[][] ByDirichlet(double alpha)
    {
        var shares = new int[classes.Length][];
        for (var c = 0; c < classes.Length; c++)
            shares[c] = Dirichlet.Divide(classes[c].Length, alpha, peers, SplitMix.Bits(key, ~(ulong)c));
        return shares;
    }

    /// <summary>A peer that would have no sample gets one of who has the most, of the class it has most of.</summary>
    void LeaveNobodyOut()
    {
        var totals = new long[peers];
        foreach (var share in counts)
            for (var peer = 0; peer < peers; peer++)
                totals[peer] += share[peer];
        for (var peer = 0; peer < peers; peer++)
        {
            if (totals[peer] > 0)
                continue;
            var richest = Array.IndexOf(totals, totals.Max());
            var most = counts.MaxBy(share => share[richest])!;
            most[richest]--;
            most[peer]++;
            totals[richest]--;
            totals[peer]++;
        }
    }
}
