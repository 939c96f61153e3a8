namespace DecentralizedLion.Models.Datasets;

/// <summary>Images kept as bytes, channel by channel, row by row; they become floats only when they are read.</summary>
abstract class ImageSplit : IDataSplit
{
    readonly int channels;
    readonly int height;
    readonly int width;
    readonly PixelScale scale;
    readonly Augmentation? augmentation;

    protected ImageSplit(ReadOnlySpan<long> shape, PixelScale scale, Augmentation? augmentation)
    {
        (channels, height, width) = ((int)shape[0], (int)shape[1], (int)shape[2]);
        this.scale = scale;
        this.augmentation = augmentation;
    }

    public abstract long Count { get; }

    /// <summary>The number of bytes of an image.</summary>
    protected int ImageLength => channels * height * width;

    public Batch Read(ReadOnlySpan<long> samples)
    {
        var batch = Empty(samples.Length);
        for (var i = 0; i < samples.Length; i++)
        {
            var pixels = Fetch(samples[i], batch, i);
            var plane = height * width;
            for (var channel = 0; channel < channels; channel++)
            {
                var values = scale.Of(channel);
                var from = pixels.Slice(channel * plane, plane);
                var to = batch.Images.AsSpan((i * ImageLength) + (channel * plane), plane);
                for (var k = 0; k < to.Length; k++)
                    to[k] = values[from[k]];
            }
        }
        return batch;
    }

    public Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        if (positions.Length != samples.Length)
            throw new ArgumentException($"{positions.Length} positions for {samples.Length} samples", nameof(positions));
        if (augmentation is not { } augment)
            return Read(samples);
        var batch = Empty(samples.Length);
        for (var i = 0; i < samples.Length; i++)
            Vary(Fetch(samples[i], batch, i), augment.At(positions[i]), batch.Images.AsSpan(i * ImageLength, ImageLength));
        return batch;
    }

    public int[]? Labels()
    {
        var labels = new int[Count];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = Label(i);
        return labels;
    }

    protected abstract ReadOnlySpan<byte> Pixels(long sample);

    protected abstract int Label(long sample);

    Batch Empty(int samples) => new()
    {
        InputShape = [samples, channels, height, width],
        Images = new float[(long)samples * ImageLength],
        Targets = new long[samples],
    };

    ReadOnlySpan<byte> Fetch(long sample, Batch batch, int place)
    {
        if (sample < 0 || sample >= Count)
            throw new ArgumentOutOfRangeException(nameof(sample), sample, $"a sample must be from 0 to {Count - 1}");
        batch.Targets[place] = Label(sample);
        return Pixels(sample);
    }

    void Vary(ReadOnlySpan<byte> pixels, Variation variation, Span<float> image)
    {
        var firstRow = Math.Max(0, variation.Down);
        var lastRow = Math.Min(height, height + variation.Down);
        var firstColumn = Math.Max(0, variation.Right);
        var lastColumn = Math.Min(width, width + variation.Right);
        for (var channel = 0; channel < channels; channel++)
        {
            var values = scale.Of(channel);
            for (var y = firstRow; y < lastRow; y++)
            {
                var from = pixels.Slice(((channel * height) + y - variation.Down) * width, width);
                var to = image.Slice(((channel * height) + y) * width, width);
                for (var x = firstColumn; x < lastColumn; x++)
                {
                    var source = x - variation.Right;
                    to[x] = values[from[variation.Mirrored ? width - 1 - source : source]];
                }
            }
        }
    }
}
