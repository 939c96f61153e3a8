using OxyPlot.Axes;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>A logarithmic axis that says its ticks in numbers people know: powers of two, or 1, 2, 5, 10, 20 …</summary>
sealed class LogAxis : LogarithmicAxis
{
    readonly double[] ticks;

    /// <param name="low">The smallest value that is shown.</param>
    /// <param name="high">The largest value that is shown.</param>
    /// <param name="ofTwo">Whether ticks are powers of two.</param>
    /// <param name="label">A tick's text.</param>
    public LogAxis(double low, double high, bool ofTwo, Func<double, string> label)
    {
        var room = Math.Pow(high / low, 0.04) * 1.06;
        (Minimum, Maximum) = (low / room, high * room);
        Base = ofTwo ? 2 : 10;
        ticks = [.. Ticks(ofTwo).Where(tick => tick >= Minimum && tick <= Maximum)];
        LabelFormatter = label;
    }

    /// <inheritdoc/>
    public override void GetTickValues(out IList<double> majorLabelValues, out IList<double> majorTickValues,
        out IList<double> minorTickValues) =>
        (majorLabelValues, majorTickValues, minorTickValues) = (ticks, ticks, []);

    IEnumerable<double> Ticks(bool ofTwo)
    {
        var decades = Math.Log10(Maximum / Minimum);
        double[] steps = ofTwo ? [1] : decades > 2.8 ? [1] : decades > 1.4 ? [1, 3] : [1, 2, 5];
        for (var power = Math.Floor(Math.Log(Minimum, Base)); power <= Math.Ceiling(Math.Log(Maximum, Base)); power++)
            foreach (var step in steps)
                yield return step * Math.Pow(Base, power);
    }
}
