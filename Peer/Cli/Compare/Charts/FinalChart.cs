using System.Globalization;
using OxyPlot;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>The results of runs at their end: the mean of a series' seeds, with error bars of ± the standard deviation.</summary>
/// <param name="names">The series, in the file's order.</param>
/// <param name="rows">All of them.</param>
/// <param name="comparisonMetric">What they are judged by.</param>
sealed class FinalChart(IReadOnlyList<string> names, IReadOnlyList<SeriesSummary> rows, ComparisonMetric comparisonMetric)
{
    /// <summary>The measure over the number of workers, of series with several; null when there is none.</summary>
    public PlotModel? OverWorkers()
    {
        var series = names.Select((name, place) => (Place: place, Rows: Of(name))).Where(one => one.Rows.Length > 1).ToArray();
        if (series.Length == 0)
            return null;
        var chart = new Chart(Axis(series.SelectMany(one => one.Rows).Select(row => (double)row.Workers)), "workers",
            comparisonMetric.Title);
        for (var i = 0; i < series.Length; i++)
        {
            // A little aside, so that error bars do not lie on each other.
            var aside = Math.Pow(2, 0.03 * (i - ((series.Length - 1) / 2.0)));
            Add(chart, series[i].Place, [.. series[i].Rows.Select(row => (row.Workers * aside, comparisonMetric.AtEnd(row)))]);
        }
        return Bounded(chart, [.. series.SelectMany(one => one.Rows)]);
    }

    /// <summary>The error, or the loss, over what a step costs; a point a number of workers, which its label says.</summary>
    public PlotModel? OverBits()
    {
        var shown = rows.Where(row => row.BitsPerParameter > 0).ToArray();
        if (shown.Length == 0)
            return null;
        var chart = new Chart(Axis(shown.Select(row => row.BitsPerParameter)), "bits per parameter and step (labels: workers)",
            comparisonMetric.IsLoss ? comparisonMetric.Title : "test error (%)");
        var labels = new List<(DataPoint, string, OxyColor)>();
        for (var place = 0; place < names.Count; place++)
        {
            var mine = Of(names[place]).Where(row => row.BitsPerParameter > 0).ToArray();
            (double X, MeanStd Y)[] points = [.. mine.Select(row => (row.BitsPerParameter, Error(row)))];
            if (points.Length == 0)
                continue;
            Add(chart, place, points);
            labels.AddRange(points.Zip(mine).Where(one => double.IsFinite(one.First.Y.Mean))
                .Select(one => (new DataPoint(one.First.X, one.First.Y.Mean),
                one.Second.Workers.ToString(CultureInfo.InvariantCulture), ChartStyle.At(place).Color)));
        }
        var model = Bounded(chart, shown);
        chart.Label(labels);
        return model;
    }

    SeriesSummary[] Of(string name) => [.. rows.Where(row => row.Series == name)];

    MeanStd Error(SeriesSummary row) => comparisonMetric.IsLoss
        ? row.Loss : new MeanStd(100 - comparisonMetric.AtEnd(row).Mean, comparisonMetric.AtEnd(row).Deviation);

    PlotModel Bounded(Chart chart, IReadOnlyList<SeriesSummary> shown)
    {
        if (comparisonMetric.IsLoss)
            chart.BoundHeight(shown.Select(row => row.Loss.Mean));
        return chart.Model;
    }

    void Add(Chart chart, int place, (double X, MeanStd Y)[] points)
    {
        var style = ChartStyle.At(place);
        chart.Bars(style, points);
        chart.Line(names[place], style, points.Select(point => new DataPoint(point.X, point.Y.Mean)));
    }

    static LogAxis Axis(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return new LogAxis(all.Min(), all.Max(), ofTwo: true, tick => tick.ToString("0.###", CultureInfo.InvariantCulture));
    }
}
