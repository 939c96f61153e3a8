using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Dashboard.Reading;

namespace DecentralizedLion.Peer.Cli.Dashboard.Feed;

/// <summary>The steps as a table of numbers, a row a bucket, for charts.</summary>
sealed class SeriesTable
{
    static readonly StepMetric[] withRange =
        [StepMetric.Loss, StepMetric.Agreement, StepMetric.Flips, StepMetric.Voters, StepMetric.BitsPerParameter];

    static readonly StepMetric[] plain = [StepMetric.LearningRate, StepMetric.Zeros, StepMetric.Ties];

    /// <summary>Each peer measures these on the parameters that it decided.</summary>
    static readonly StepMetric[] measuredInParts = [StepMetric.Agreement, StepMetric.Flips, StepMetric.Zeros, StepMetric.Ties];

    /// <summary>The names of a row's first numbers.</summary>
    public static IReadOnlyList<string> Fields { get; } =
    [
        "first", "last", "count", "view",
        .. withRange.SelectMany(metric => (string[])[Name(metric), Name(metric) + "Min", Name(metric) + "Max"]),
        .. plain.Select(Name),
    ];

    /// <summary>The names of the numbers that follow them for each peer of the roster.</summary>
    public static IReadOnlyList<string> PeerFields { get; } = ["compute", "exchange", "bytes", "abstained", "away"];

    /// <summary>Steps of a bucket.</summary>
    public required long Width { get; init; }

    /// <summary>The peers, in the order of their columns.</summary>
    public required IReadOnlyList<string> Peers { get; init; }

    /// <summary>The rows, by step.</summary>
    public required IReadOnlyList<double?[]> Rows { get; init; }

    /// <summary>Makes the table.</summary>
    public static SeriesTable Of(IReadOnlyList<PeerHistory> peers, IReadOnlyList<string> roster)
    {
        var width = MergedSteps.WidthOf(peers);
        var own = roster.Select(id => peers.FirstOrDefault(peer => peer.Peer == id) is { } peer
            ? MergedSteps.Widen(peer.Steps, width).ToDictionary(b => b.Place, b => b.Bucket) : null).ToArray();
        return new SeriesTable
        {
            Width = width,
            Peers = roster,
            Rows = [.. MergedSteps.Of(peers).Select(bucket => Row(bucket, roster, own, width))],
        };
    }

    /// <summary>The number of rows at the beginning that are the same in another table; −1: they have not the same
    /// columns.</summary>
    public int RowsLike(SeriesTable other)
    {
        if (Width != other.Width || !Peers.SequenceEqual(other.Peers))
            return -1;
        var same = 0;
        while (same < Rows.Count && same < other.Rows.Count && Rows[same].AsSpan().SequenceEqual(other.Rows[same]))
            same++;
        return same;
    }

    static double?[] Row(StepBucket bucket, IReadOnlyList<string> roster, Dictionary<long, StepBucket>?[] own, long width)
    {
        var place = StepBuckets.PlaceOf(bucket.First, width);
        StepBucket[] all = [.. own.Select(buckets => buckets?.GetValueOrDefault(place)).OfType<StepBucket>()];
        List<double?> row = [bucket.First, bucket.Last, bucket.Count, bucket.View];
        foreach (var metric in withRange)
        {
            var range = measuredInParts.Contains(metric) ? Together(all, metric) : bucket[metric];
            var isThere = range.Count > 0;
            row.AddRange([Short(range.Mean), isThere ? Short(range.Min) : null, isThere ? Short(range.Max) : null]);
        }
        foreach (var metric in plain)
            row.Add(Short((measuredInParts.Contains(metric) ? Together(all, metric) : bucket[metric]).Mean));
        for (int i = 0; i < roster.Count; i++)
        {
            var mine = own[i]?.GetValueOrDefault(place);
            var absence = bucket.Absences.GetValueOrDefault(roster[i]);
            row.AddRange([Short(mine?[StepMetric.ComputeSeconds].Mean), Short(mine?[StepMetric.ExchangeSeconds].Mean),
                Short(mine?[StepMetric.BytesSent].Mean), absence.Abstained, absence.Away]);
        }
        return [.. row];
    }

    static ValueRange Together(StepBucket[] all, StepMetric metric) =>
        all.Aggregate(default(ValueRange), (range, bucket) => range.With(bucket[metric]));

    /// <summary>Six digits are more than a chart can show.</summary>
    static double? Short(double? value)
    {
        if (value is not { } v || v == 0 || !double.IsFinite(v))
            return value is { } number && double.IsFinite(number) ? number : null;
        var digits = 5 - (int)Math.Floor(Math.Log10(Math.Abs(v)));
        return digits is >= 0 and <= 15 ? Math.Round(v, digits) : v;
    }

    static string Name(StepMetric metric) => char.ToLowerInvariant($"{metric}"[0]) + $"{metric}"[1..];
}
