namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// CIFAR-10 in its binary format, from a folder: all data_batch_*.bin in the order of their names to train on (one is
/// enough), test_batch.bin to test on. The files are memory-mapped.
/// </summary>
public sealed class Cifar10 : IDataset
{
    internal static readonly PixelScale Scale = new((0.4914f, 0.2470f), (0.4822f, 0.2435f), (0.4465f, 0.2616f));

    const string Content = "data_batch_*.bin and test_batch.bin of CIFAR-10's binary version";

    readonly CifarSplit train;
    readonly CifarSplit test;

    /// <summary>Opens the folder; training images are varied when an augmentation is given.</summary>
    public Cifar10(string folder, Augmentation? augmentation = null)
    {
        var path = DataFile.Folder(folder, Content);
        var batches = DataFile.Guard(path, () => Directory.GetFiles(path, "data_batch_*.bin"));
        if (batches.Length == 0)
        {
            throw new DataException(
                $"{Path.Combine(path, "data_batch_*.bin")}: no such file; expected at least one, in {Content}");
        }
        Array.Sort(batches, StringComparer.Ordinal);
        train = new CifarSplit(batches, augmentation);
        try
        {
            test = new CifarSplit([Path.Combine(path, "test_batch.bin")], null);
        }
        catch
        {
            train.Dispose();
            throw;
        }
        using var hash = DigestWriter.Start(Name);
        train.Hash(hash);
        test.Hash(hash);
        Digest = hash.GetHashAndReset();
    }

    /// <inheritdoc/>
    public string Name => "cifar10";

    /// <inheritdoc/>
    public IDataSplit Train => train;

    /// <inheritdoc/>
    public IDataSplit Test => test;

    /// <inheritdoc/>
    public long[] SampleShape { get; } = [3, 32, 32];

    /// <inheritdoc/>
    public int Classes => 10;

    /// <inheritdoc/>
    public byte[] Digest { get; }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        train.Dispose();
        test.Dispose();
    }
}
