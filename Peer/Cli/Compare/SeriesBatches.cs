using System.Text.Json.Nodes;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The batches of a series' workers, where they differ.</summary>
/// <param name="Pattern">The batches of the first workers, and again of the next ones; empty: all take <c>batch</c>.</param>
/// <param name="IsWeighted">Ballots count as many votes as the batches say; false: one each.</param>
sealed record SeriesBatches(IReadOnlyList<int> Pattern, bool IsWeighted)
{
    const string BatchesField = "batches", WeightedField = "weighted";

    /// <summary>Reads them from a series.</summary>
    /// <param name="series">The series.</param>
    /// <param name="workers">Its numbers of workers.</param>
    public static SeriesBatches Read(SettingsReader series, IReadOnlyList<int> workers)
    {
        var pattern = series.Has(BatchesField) ? series.Ints(BatchesField, 1, Roster.BatchMax, mayRepeat: true) : [];
        if (pattern.Count == 0)
            return series.Has(WeightedField)
                ? throw series.Error(WeightedField, "found without batches; allowed with them only") : new([], true);
        foreach (var count in workers)
            if (count % pattern.Count != 0)
                throw series.Error(BatchesField, $"found {pattern.Count} batches for {count} workers; the number of workers "
                    + "must be a multiple of the number of batches");
        return series.Has("batch")
            ? throw series.Error(BatchesField, "found together with batch; allowed is one of the two")
            : new SeriesBatches(pattern, series.Flag(WeightedField, true));
    }

    /// <summary>The batch of each worker; empty: all take the same.</summary>
    public IReadOnlyList<int> Of(int workers) =>
        Pattern.Count == 0 ? [] : [.. Enumerable.Range(0, workers).Select(worker => Pattern[worker % Pattern.Count])];

    /// <summary>The samples of a mini-batch of all workers.</summary>
    /// <param name="workers">How many there are.</param>
    /// <param name="usual">The batch of each, where none differ.</param>
    public long Sum(int workers, int usual) => Pattern.Count == 0 ? (long)workers * usual : Of(workers).Sum(batch => (long)batch);

    /// <summary>Notes them among what a run is made of: a run with others is another one.</summary>
    public void Say(JsonObject run)
    {
        if (Pattern.Count == 0)
            return;
        run[BatchesField] = new JsonArray([.. Pattern.Select(batch => JsonValue.Create(batch))]);
        run[WeightedField] = IsWeighted;
    }
}
