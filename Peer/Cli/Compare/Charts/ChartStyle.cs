using OxyPlot;

namespace DecentralizedLion.Peer.Cli.Compare.Charts;

/// <summary>The look of a series, in all charts of a comparison alike: by its place in the file.</summary>
/// <param name="Color">The colour of line and marker.</param>
/// <param name="Marker">The marker's shape.</param>
/// <param name="Dashes">Dashes and gaps of the line; null: none.</param>
sealed record ChartStyle(OxyColor Color, MarkerType Marker, double[]? Dashes)
{
    /// <summary>Okabe and Ito's colours, which colour-blind people can tell apart, with a darker yellow for white paper, a grey
    /// and a wine red.</summary>
    static readonly OxyColor[] Colors =
    [
        OxyColor.Parse("#0072B2"), OxyColor.Parse("#D55E00"), OxyColor.Parse("#009E73"), OxyColor.Parse("#000000"),
        OxyColor.Parse("#CC79A7"), OxyColor.Parse("#E69F00"), OxyColor.Parse("#56B4E9"), OxyColor.Parse("#882255"),
        OxyColor.Parse("#8A8A00"), OxyColor.Parse("#777777"),
    ];

    // The numbers of colours, markers and dashes have few common factors: it is long before a combination comes again.
    static readonly MarkerType[] Markers =
        [MarkerType.Circle, MarkerType.Square, MarkerType.Triangle, MarkerType.Diamond, MarkerType.Cross, MarkerType.Plus,
            MarkerType.Star];

    static readonly double[]?[] Lines = [null, [7, 3], [10, 3, 2, 3]];

    /// <summary>The look of the series at some place, from 0.</summary>
    public static ChartStyle At(int place) =>
        new(Colors[place % Colors.Length], Markers[place % Markers.Length], Lines[place % Lines.Length]);

    /// <summary>The colour of a band around the line.</summary>
    public OxyColor Band => OxyColor.FromAColor(50, Color);

    /// <summary>True when the marker is drawn by lines alone.</summary>
    public bool IsOpen => Marker is MarkerType.Cross or MarkerType.Plus or MarkerType.Star;
}
