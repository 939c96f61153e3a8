using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>One chart: white, framed, its legend beside it, letters that can still be read at half a page's width.</summary>
sealed class Chart
{
    const double Letters = 14, Small = 11;

    /// <summary>On a line of more points than this, markers that would touch are left out.</summary>
    const int MarkersForAll = 25;

    const int MarkersApart = 14;

    /// <param name="x">The lower axis.</param>
    /// <param name="xTitle">What it says, with the unit.</param>
    /// <param name="yTitle">What the left axis says, with the unit.</param>
    public Chart(Axis x, string xTitle, string yTitle)
    {
        Model = new PlotModel
        {
            Culture = CultureInfo.InvariantCulture,
            Background = OxyColors.White,
            DefaultFont = "Helvetica, Arial, sans-serif",
            DefaultFontSize = Letters,
            PlotAreaBorderColor = OxyColors.Black,
            Padding = new OxyThickness(6, 10, 6, 6),
        };
        Model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.RightTop,
            LegendSymbolLength = 30,
            LegendLineSpacing = 5,
            LegendFontSize = Letters,
        });
        Y = new LinearAxis { MinimumPadding = 0.04, MaximumPadding = 0.04 };
        foreach (var (axis, title, place) in new[] { (x, xTitle, AxisPosition.Bottom), (Y, yTitle, AxisPosition.Left) })
        {
            (axis.Title, axis.Position, axis.AxisTitleDistance) = (title, place, 6);
            (axis.MajorGridlineStyle, axis.MajorGridlineColor, axis.MajorGridlineThickness) = (LineStyle.Solid,
                OxyColor.FromRgb(225, 225, 225), 1);
            (axis.TickStyle, axis.MinorTickSize) = (TickStyle.Outside, 0);
            Model.Axes.Add(axis);
        }
    }

    /// <summary>The library's model of the chart.</summary>
    public PlotModel Model { get; }

    /// <summary>The left axis.</summary>
    public Axis Y { get; }

    /// <summary>Adds a line with markers; it stops at values that are not finite.</summary>
    /// <param name="name">What the legend says.</param>
    /// <param name="style">Its look.</param>
    /// <param name="points">Its points.</param>
    public void Line(string name, ChartStyle style, IEnumerable<DataPoint> points)
    {
        var line = new LineSeries
        {
            Title = name,
            Color = style.Color,
            LineStyle = LineStyle.Solid,
            Dashes = style.Dashes,
            StrokeThickness = 1.8,
            MarkerType = style.Marker,
            MarkerSize = style.Marker == MarkerType.Diamond ? 5 : 4,
            MarkerFill = style.Color,
            MarkerStroke = style.IsOpen ? style.Color : OxyColors.White,
            MarkerStrokeThickness = style.IsOpen ? 1.8 : 0.8,
        };
        line.Points.AddRange(points.Select(point => double.IsFinite(point.Y) ? point : DataPoint.Undefined));
        line.MarkerResolution = line.Points.Count > MarkersForAll ? MarkersApart : 0;
        Model.Series.Add(line);
    }

    /// <summary>Adds a band from mean − deviation to mean + deviation, behind all lines.</summary>
    /// <param name="style">The look of its line.</param>
    /// <param name="points">Where, and how wide.</param>
    public void Band(ChartStyle style, IEnumerable<(double X, MeanStd Y)> points)
    {
        var band = new AreaSeries
        {
            Color = OxyColors.Transparent,
            Fill = style.Band,
            StrokeThickness = 0,
            RenderInLegend = false
        };
        foreach (var (x, y) in points.Where(point => double.IsFinite(point.Y.Mean) && double.IsFinite(point.Y.Deviation)))
        {
            band.Points.Add(new DataPoint(x, y.Mean - y.Deviation));
            band.Points2.Add(new DataPoint(x, y.Mean + y.Deviation));
        }
        if (band.Points.Count > 1 && band.Points.Zip(band.Points2).Any(pair => pair.First.Y < pair.Second.Y))
            Model.Series.Insert(0, band);
    }

    /// <summary>Adds error bars.</summary>
    /// <param name="style">The look of their line.</param>
    /// <param name="points">Where, and how long.</param>
    public void Bars(ChartStyle style, IEnumerable<(double X, MeanStd Y)> points)
    {
        var bars = new ScatterErrorSeries
        {
            MarkerType = MarkerType.None,
            ErrorBarColor = style.Color,
            ErrorBarStrokeThickness = 1.2,
            ErrorBarStopWidth = 3,
            MinimumErrorSize = 0,
            RenderInLegend = false,
        };
        bars.Points.AddRange(points.Where(point => double.IsFinite(point.Y.Mean) && point.Y.Deviation > 0)
            .Select(point => new ScatterErrorPoint(point.X, point.Y.Mean, 0, 2 * point.Y.Deviation)));
        if (bars.Points.Count > 0)
            Model.Series.Insert(0, bars);
    }

    /// <summary>Bounds the left axis, so that one run that went astray does not flatten all the others.</summary>
    /// <param name="values">What is shown.</param>
    public void BoundHeight(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite).Order()];
        if (finite.Length > 0 && finite[^1] > 3 * finite[finite.Length / 2])
            Y.Maximum = 3 * finite[finite.Length / 2];
    }

    /// <summary>Writes a small text beside each point, where it covers nothing else if that can be.</summary>
    public void Label(IReadOnlyList<(DataPoint Point, string Text, OxyColor Color)> points)
    {
        _ = SvgFile.Of(Model); // so that the axes know where they are
        PointLabels.Add(Model, Small, points);
    }
}
