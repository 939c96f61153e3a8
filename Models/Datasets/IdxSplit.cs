using System.Security.Cryptography;

namespace DecentralizedLion.Models.Datasets;

/// <summary>One part of MNIST: its images and labels in memory.</summary>
sealed class IdxSplit : ImageSplit
{
    const int MaxSide = 1024;

    readonly byte[] images;
    readonly byte[] labels;

    IdxSplit(
        string path, int height, int width, byte[] images, byte[] labels, PixelScale scale, Augmentation? augmentation)
        : base([1, height, width], scale, augmentation)
    {
        this.images = images;
        this.labels = labels;
        (Path, Height, Width) = (path, height, width);
    }

    /// <summary>The file of the images.</summary>
    public string Path { get; }

    public int Height { get; }

    public int Width { get; }

    public override long Count => labels.Length;

    /// <summary>Reads PREFIX-images-idx3-ubyte and PREFIX-labels-idx1-ubyte, each plain or .gz.</summary>
    public static IdxSplit Open(string folder, string prefix, PixelScale scale, Augmentation? augmentation)
    {
        var images = IdxFile.Read(folder, prefix + "-images-idx3-ubyte", 3);
        var (count, height, width) = (images.Dimensions[0], images.Dimensions[1], images.Dimensions[2]);
        if (height > MaxSide || width > MaxSide)
            throw new DataException($"{images.Path} has images of {height} x {width} pixels; expected at most {MaxSide}");
        var labels = IdxFile.Read(folder, prefix + "-labels-idx1-ubyte", 1);
        if (labels.Content.Length != count)
        {
            throw new DataException(
                $"{labels.Path} has {labels.Content.Length} labels; expected {count}, as many as {images.Path} has images");
        }
        var wrong = labels.Content.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9);
        if (wrong >= 0)
            throw new DataException($"{labels.Path}: label {wrong} is {labels.Content[wrong]}; expected 0 to 9");
        return new IdxSplit(images.Path, height, width, images.Content, labels.Content, scale, augmentation);
    }

    public void Hash(IncrementalHash hash)
    {
        hash.Add(Count);
        hash.Add(Height);
        hash.Add(Width);
        hash.AppendData(images);
        hash.AppendData(labels);
    }

    protected override ReadOnlySpan<byte> Pixels(long sample) => images.AsSpan((int)sample * ImageLength, ImageLength);

    protected override int Label(long sample) => labels[sample];
}
