namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>
/// The runs of a comparison that one shard makes. They are divided by groups of which none needs another's results, so that no
/// shard waits for another one: a series' search for its learning rate with one number of workers and the runs that take the rate
/// that it comes to, or a single run of a series that has one rate only. The largest groups are dealt out first, each to the
/// shard that has the least; that follows from the file and the number of shards alone.
/// </summary>
sealed class ShardRuns
{
    readonly CompareSettings settings;
    readonly HashSet<string> own;

    /// <param name="settings">What is compared.</param>
    /// <param name="shard">Which part.</param>
    public ShardRuns(CompareSettings settings, Shard shard)
    {
        this.settings = settings;
        var groups = settings.Series.SelectMany(Groups).CountBy(group => group).ToArray();
        var loads = new int[shard.Count];
        own = [];
        foreach (var (group, runs) in groups.OrderByDescending(group => group.Value))
        {
            var least = Array.IndexOf(loads, loads.Min());
            loads[least] += runs;
            if (least == shard.Number - 1)
                own.Add(group);
        }
        GroupCount = groups.Length;
    }

    /// <summary>The groups of all shards.</summary>
    public int GroupCount { get; }

    /// <summary>The groups of this one.</summary>
    public int OwnCount => own.Count;

    /// <summary>True when it makes a run.</summary>
    public bool Has(RunSpec run) =>
        own.Contains(GroupOf(settings.Series.Single(one => one.Name == run.Series), run.Workers, run.Training.Seed));

    /// <summary>The group of each run that a series has in any case.</summary>
    IEnumerable<string> Groups(CompareSeries series)
    {
        foreach (var workers in series.Workers)
            foreach (var seed in series.Seeds)
                yield return GroupOf(series, workers, seed);
        if (series.HasGrid)
            foreach (var workers in series.Workers.Select(settings.GridFor).Distinct())
                foreach (var _ in series.Rates)
                    yield return GroupOf(series, workers, series.Seeds[0]);
    }

    string GroupOf(CompareSeries series, int workers, ulong seed) =>
        series.HasGrid ? $"{series.Name}/{settings.GridFor(workers)}" : $"{series.Name}/{workers}/{seed}";
}
