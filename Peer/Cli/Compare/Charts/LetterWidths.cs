using OxyPlot;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>
/// The length of a text, computed alike on every machine and a little generously: which font a reader has is not known here. It
/// draws nothing.
/// </summary>
sealed class LetterWidths : RenderContextBase
{
    public override int ClipCount => 0;

    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
        new(fontSize * (text ?? "").Sum(WidthOf), fontSize * 1.15);

    public override void DrawLine(IList<ScreenPoint> points, OxyColor stroke, double thickness,
        EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin)
    {
    }

    public override void DrawPolygon(
        IList<ScreenPoint> points, OxyColor fill, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode,
        double[] dashArray, LineJoin lineJoin)
    {
    }

    public override void DrawText(ScreenPoint p, string text, OxyColor fill, string fontFamily, double fontSize,
        double fontWeight, double rotation, HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment,
        OxySize? maxSize)
    {
    }

    public override void PushClip(OxyRect clippingRectangle)
    {
    }

    public override void PopClip()
    {
    }

    static double WidthOf(char letter) => letter switch
    {
        'i' or 'j' or 'l' or '.' or ',' or ':' or '|' or '\'' or ' ' => 0.31,
        'f' or 'r' or 't' or '(' or ')' or '-' => 0.4,
        'm' or 'w' or 'M' or 'W' or '%' => 0.92,
        >= 'A' and <= 'Z' => 0.72,
        _ => 0.61,
    };
}
