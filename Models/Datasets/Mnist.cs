namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// MNIST, or Fashion-MNIST, which differs in the constants of normalisation only: the four IDX files of a folder under
/// their usual names, each plain or .gz.
/// </summary>
sealed class Mnist : IDataset
{
    static readonly PixelScale DigitScale = new((0.1307f, 0.3081f));
    static readonly PixelScale FashionScale = new((0.2860f, 0.3530f));

    readonly IdxSplit train;
    readonly IdxSplit test;

    Mnist(string name, string folder, PixelScale scale, Augmentation? augmentation)
    {
        Name = name;
        var path = DataFile.Folder(folder, "train-images-idx3-ubyte and the other three files of MNIST, plain or .gz");
        train = IdxSplit.Open(path, "train", scale, augmentation);
        test = IdxSplit.Open(path, "t10k", scale, null);
        if (test.Height != train.Height || test.Width != train.Width)
        {
            throw new DataException(
                $"{test.Path} has images of {test.Height} x {test.Width} pixels; "
                + $"expected {train.Height} x {train.Width} as in {train.Path}");
        }
        SampleShape = [1, train.Height, train.Width];
        using var hash = DigestWriter.Start(name);
        train.Hash(hash);
        test.Hash(hash);
        Digest = hash.GetHashAndReset();
    }

    /// <summary>Handwritten digits; an augmentation varies the training images.</summary>
    public static Mnist Digits(string folder, Augmentation? augmentation = null) =>
        new("mnist", folder, DigitScale, augmentation);

    /// <summary>Pieces of clothing; an augmentation varies the training images.</summary>
    public static Mnist Fashion(string folder, Augmentation? augmentation = null) =>
        new("fashion", folder, FashionScale, augmentation);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IDataSplit Train => train;

    /// <inheritdoc/>
    public IDataSplit Test => test;

    /// <inheritdoc/>
    public long[] SampleShape { get; }

    /// <inheritdoc/>
    public int Classes => 10;

    /// <inheritdoc/>
    public byte[] Digest { get; }

    /// <summary>Nothing to release.</summary>
    public void Dispose()
    {
    }
}
