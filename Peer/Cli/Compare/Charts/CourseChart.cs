using DecentralizedLion.Peer.Cli.Doctor;
using OxyPlot;
using OxyPlot.Axes;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>The course of training at one number of workers: a line a series, the mean of its seeds, with a band of ± the
/// standard deviation.</summary>
/// <param name="names">The series, in the file's order.</param>
/// <param name="results">The runs of one number of workers.</param>
sealed class CourseChart(IReadOnlyList<string> names, IReadOnlyList<RunResult> results)
{
    /// <summary>The measure over epochs.</summary>
    public PlotModel OverEpochs(ComparisonMetric comparisonMetric) => Draw(
        new LinearAxis { Minimum = 0, MaximumPadding = 0.02 }, "epochs", comparisonMetric.Title, comparisonMetric.IsLoss,
        point => point.Epoch, comparisonMetric.At);

    /// <summary>The loss over what each peer has sent; null when nobody has sent anything.</summary>
    public PlotModel? OverBytes(ComparisonMetric comparisonMetric)
    {
        double[] sent = [.. results.SelectMany(run => run.Points).Select(point => point.BytesSent).Where(bytes => bytes > 0)];
        if (sent.Length == 0)
            return null;
        return Draw(new LogAxis(sent.Min(), sent.Max(), ofTwo: false, Sizes.Text), "sent by each peer",
            comparisonMetric.IsLoss ? comparisonMetric.Title : "test loss (nats)", true, point => point.BytesSent,
            point => point.Loss);
    }

    PlotModel Draw(Axis axis, string xTitle, string yTitle, bool isLoss, Func<EvaluationPoint, double> x,
        Func<EvaluationPoint, double> y)
    {
        var chart = new Chart(axis, xTitle, yTitle);
        var shown = new List<double>();
        for (var place = 0; place < names.Count; place++)
        {
            var points = results.Where(run => run.Series == names[place]).SelectMany(run => run.Points)
                .GroupBy(point => point.Step)
                .OrderBy(same => same.Key).Select(same => (X: x(same.First()), Y: MeanStd.Of(same.Select(y)))).ToArray();
            if (points.Length == 0)
                continue;
            var style = ChartStyle.At(place);
            chart.Band(style, points);
            chart.Line(names[place], style, points.Select(point => new DataPoint(point.X, point.Y.Mean)));
            shown.AddRange(points.Select(point => point.Y.Mean));
        }
        if (isLoss)
            chart.BoundHeight(shown);
        return chart.Model;
    }
}
