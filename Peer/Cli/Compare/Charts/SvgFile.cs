using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using OxyPlot;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>A chart as SVG that all programs draw alike, the same for the same results, and without what only makes it
/// long.</summary>
static partial class SvgFile
{
    const int Width = 620, Height = 400;

    /// <summary>The bytes of the file.</summary>
    public static byte[] Of(PlotModel model)
    {
        using var written = new MemoryStream();
        new SvgExporter
        {
            Width = Width,
            Height = Height,
            IsDocument = false,
            TextMeasurer = new LetterWidths()
        }.Export(model, written);
        written.Position = 0;
        var svg = XElement.Load(written);
        svg.SetAttributeValue("viewBox", $"0 0 {Width} {Height}");
        svg.SetAttributeValue("font-family", model.DefaultFont);
        foreach (var element in svg.Descendants())
        {
            if (element.Name.LocalName == "text")
                Sink(element);
            foreach (var (name, usual) in new[]
                { ("font-family", model.DefaultFont), ("font-weight", "400"), ("shape-rendering", "geometricPrecision") })
                if (element.Attribute(name)?.Value == usual)
                    element.SetAttributeValue(name, null);
            foreach (var attribute in element.Attributes())
                attribute.Value = LongNumber().Replace(attribute.Value, "$1");
        }
        return Encoding.UTF8.GetBytes(svg + "\n");
    }

    /// <summary>Many programs do not know dominant-baseline, which says what of a text is at its place, so that it is moved
    /// instead.</summary>
    static void Sink(XElement text)
    {
        var size = double.Parse(text.Attribute("font-size")!.Value, CultureInfo.InvariantCulture);
        var share = text.Attribute("dominant-baseline")?.Value switch
        {
            "hanging" => 0.72,
            "middle" => 0.35,
            _ => 0,
        };
        text.SetAttributeValue("dominant-baseline", null);
        if (share > 0)
            text.SetAttributeValue("dy", (share * size).ToString("0.##", CultureInfo.InvariantCulture));
    }

    /// <summary>Hundredths of a pixel are enough.</summary>
    [GeneratedRegex(@"(\d+\.\d\d)\d+")]
    private static partial Regex LongNumber();
}
