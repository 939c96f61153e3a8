using System.Globalization;
using OxyPlot;

namespace DecentralizedLion.Peer.Compare.Charts;

/// <summary>What runs came to at their end: the mean of a series' seeds, with error bars of ± the standard deviation.</summary>
/// <param name="names">The series, in the file's order.</param>
/// <param name="rows">All of them.</param>
/// <param name="measure">What they are judged by.</param>
sealed class FinalChart(IReadOnlyList<string> names, IReadOnlyList<Summary> rows, Measure measure)
{
    /// <summary>The measure over the number of workers, of series with several; null when there is none.</summary>
    public PlotModel? OverWorkers()
    {
        var series = names.Select((name, place) => (Place: place, Rows: Of(name))).Where(one => one.Rows.Length > 1).ToArray();
        if (series.Length == 0)
            return null;
        var chart = new Chart(Axis(series.SelectMany(one => one.Rows).Select(row => (double)row.Workers)), "workers", measure.Title);
        for (var i = 0; i < series.Length; i++)
        {
            // A little aside, so that error bars do not lie on each other.
            var aside = Math.Pow(2, 0.03 * (i - ((series.Length - 1) / 2.0)));
            Add(chart, series[i].Place, [.. series[i].Rows.Select(row => (row.Workers * aside, measure.AtEnd(row)))]);
        }
        return Bounded(chart, [.. series.SelectMany(one => one.Rows)]);
    }

    /// <summary>The error, or the loss, over what a step costs; a point a number of workers, which its label says.</summary>
    public PlotModel? OverBits()
    {
        var shown = rows.Where(row => row.Bits > 0).ToArray();
        if (shown.Length == 0)
            return null;
        var chart = new Chart(Axis(shown.Select(row => row.Bits)), "bits per parameter and step (labels: workers)", measure.IsLoss ? measure.Title : "test error (%)");
        var labels = new List<(DataPoint, string, OxyColor)>();
        for (var place = 0; place < names.Count; place++)
        {
            var mine = Of(names[place]).Where(row => row.Bits > 0).ToArray();
            (double X, Spread Y)[] points = [.. mine.Select(row => (row.Bits, Error(row)))];
            if (points.Length == 0)
                continue;
            Add(chart, place, points);
            labels.AddRange(points.Zip(mine).Where(one => double.IsFinite(one.First.Y.Mean)).Select(one => (new DataPoint(one.First.X, one.First.Y.Mean),
                one.Second.Workers.ToString(CultureInfo.InvariantCulture), ChartStyle.At(place).Color)));
        }
        var model = Bounded(chart, shown);
        chart.Label(labels);
        return model;
    }

    Summary[] Of(string name) => [.. rows.Where(row => row.Series == name)];

    Spread Error(Summary row) => measure.IsLoss ? row.Loss : new Spread(100 - measure.AtEnd(row).Mean, measure.AtEnd(row).Deviation);

    PlotModel Bounded(Chart chart, IReadOnlyList<Summary> shown)
    {
        if (measure.IsLoss)
            chart.BoundHeight(shown.Select(row => row.Loss.Mean));
        return chart.Model;
    }

    void Add(Chart chart, int place, (double X, Spread Y)[] points)
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
