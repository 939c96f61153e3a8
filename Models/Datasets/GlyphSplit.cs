using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Datasets;

/// <summary>One part of the glyphs. A picture is drawn when it is first read and kept as bytes.</summary>
sealed class GlyphSplit : ImageSplit
{
    readonly ulong key;
    readonly ulong stream;
    readonly GlyphPainter painter;
    readonly byte[] pictures;
    readonly bool[] painted;

    /// <summary>The parts of one seed differ in their stream, 0 or 1.</summary>
    public GlyphSplit(GlyphSettings settings, ulong stream, int count)
        : base([1, settings.Size, settings.Size], Glyphs.Scale, null)
    {
        key = SplitMix.Bits(settings.Seed);
        this.stream = stream;
        painter = new GlyphPainter(settings.Size);
        pictures = new byte[(long)count * ImageLength];
        painted = new bool[count];
    }

    public override long Count => painted.Length;

    protected override ReadOnlySpan<byte> Pixels(long sample)
    {
        var picture = pictures.AsSpan((int)sample * ImageLength, ImageLength);
        if (!painted[sample])
        {
            // Mixing is a bijection: no two pictures of a seed, of either part, have the same key.
            painter.Paint(Label(sample), SplitMix.Bits(key ^ (((ulong)sample << 1) | stream)), picture);
            painted[sample] = true;
        }
        return picture;
    }

    protected override int Label(long sample) => (int)(sample % GlyphStrokes.Classes);

    /// <summary>A picture as it was drawn.</summary>
    internal ReadOnlySpan<byte> Picture(long sample) => Pixels(sample);
}
