using OxyPlot;
using OxyPlot.Annotations;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>Places small texts beside points, one after the other: each where it covers least of the markers and of the texts
/// before.</summary>
static class PointLabels
{
    /// <summary>From a point to the middle of its text, in pixels, the best first.</summary>
    static readonly ScreenVector[] Places = [new(11, 0), new(0, -11), new(0, 11), new(-11, 0), new(10, -9), new(10, 9),
        new(-10, -9), new(-10, 9)];

    /// <param name="model">A model whose axes know where they are.</param>
    /// <param name="letters">The letters' size in pixels.</param>
    /// <param name="points">Where, and what.</param>
    public static void Add(PlotModel model, double letters, IReadOnlyList<(DataPoint Point, string Text, OxyColor Color)> points)
    {
        var (x, y) = (model.DefaultXAxis, model.DefaultYAxis);
        ScreenPoint[] at = [.. points.Select(one => new ScreenPoint(x.Transform(one.Point.X), y.Transform(one.Point.Y)))];
        var taken = at.Select(point => Box(point, 9, 9)).ToList();
        for (var i = 0; i < at.Length; i++)
        {
            var (point, text, color) = points[i];
            var width = 0.6 * letters * text.Length;
            // A text beside a point begins there, however long it is.
            ScreenVector Offset(ScreenVector place) =>
                new(place.X + (Math.Sign(place.X) * Math.Max(0, (width - letters) / 2)), place.Y);
            var best = Places.MinBy(place => Covered(Box(at[i] + Offset(place), width, letters), model.PlotArea, taken));
            taken.Add(Box(at[i] + Offset(best), width, letters));
            model.Annotations.Add(new TextAnnotation
            {
                Text = text,
                TextPosition = point,
                Offset = Offset(best),
                FontSize = letters,
                TextColor = color,
                Stroke = OxyColors.Transparent,
                TextHorizontalAlignment = HorizontalAlignment.Center,
                TextVerticalAlignment = VerticalAlignment.Middle,
                Padding = new OxyThickness(0),
            });
        }
    }

    static double Covered(OxyRect box, OxyRect area, IEnumerable<OxyRect> taken) =>
        taken.Sum(other => Shared(box, other)) + (4 * ((box.Width * box.Height) - Shared(box, area)));

    static double Shared(OxyRect a, OxyRect b) => Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left))
        * Math.Max(0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));

    static OxyRect Box(ScreenPoint middle, double width, double height) =>
        new(middle.X - (width / 2), middle.Y - (height / 2), width, height);
}
