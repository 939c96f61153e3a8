namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// Handwritten-looking digits drawn by this program, so that a first run needs no download: moved, turned, scaled, slanted,
/// with pens of several widths, stray lines and noise. Where ink lies says little about the digit, so a linear model
/// gets only part of them right; a small convnet nearly all.
/// </summary>
sealed class Glyphs : IDataset
{
    const int DigestedPictures = 32;

    internal static readonly PixelScale Scale = new((0.22f, 0.193f));

    readonly GlyphSplit train;
    readonly GlyphSplit test;

    /// <summary>The glyphs of these settings; wrong settings are a <see cref="DataException"/>.</summary>
    public Glyphs(GlyphSettings settings)
    {
        settings.Validate();
        train = new GlyphSplit(settings, 0, settings.TrainCount);
        test = new GlyphSplit(settings, 1, settings.TestCount);
        SampleShape = [1, settings.Size, settings.Size];
        Digest = DigestOf(settings);
    }

    /// <inheritdoc/>
    public string Name => "glyphs";

    /// <inheritdoc/>
    public IDataSplit Train => train;

    /// <inheritdoc/>
    public IDataSplit Test => test;

    /// <inheritdoc/>
    public long[] SampleShape { get; }

    /// <inheritdoc/>
    public int Classes => GlyphStrokes.Classes;

    /// <inheritdoc/>
    public byte[] Digest { get; }

    /// <summary>Nothing to release.</summary>
    public void Dispose()
    {
    }

    byte[] DigestOf(GlyphSettings settings)
    {
        using var hash = DigestWriter.Start(
            $"glyphs seed={settings.Seed} size={settings.Size} train={settings.TrainCount} test={settings.TestCount}");

        // Some pictures too, so that two peers whose programs draw differently find out before the first step.
        for (var i = 0; i < Math.Min(DigestedPictures, settings.TrainCount); i++)
            hash.AppendData(train.Picture(i));
        return hash.GetHashAndReset();
    }
}
