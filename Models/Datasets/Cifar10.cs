namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// CIFAR-10 in its binary format, from a folder: all data_batch_*.bin in the order of their names to train on (one is
/// enough), test_batch.bin to test on. The files are memory-mapped.
/// </summary>
sealed class Cifar10 : IDataset
{
    internal static readonly PixelScale Scale = new((0.4914f, 0.2470f), (0.4822f, 0.2435f), (0.4465f, 0.2616f));

    const string Content = "data_batch_*.bin and test_batch.bin of CIFAR-10's binary version";

    const int Batches = 5;

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
                $"{Path.Combine(path, "data_batch_*.bin")}: no such file; expected at least one, in {Content}{Elsewhere(path)}");
        }
        Array.Sort(batches, StringComparer.Ordinal);
        Notes = Missing(path, batches) is { } missing ? [missing] : [];
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

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        train.Dispose();
        test.Dispose();
    }

    /// <summary>The note that the last ones of CIFAR-10's five batches are not there, which may be meant; null when there is
    /// nothing to say.</summary>
    /// <exception cref="DataException">One is not there and a later one is, which nobody means.</exception>
    static string? Missing(string path, string[] batches)
    {
        var names = batches.Select(Path.GetFileName).ToHashSet();
        var missing = Enumerable.Range(1, Batches).Select(number => $"data_batch_{number}.bin")
            .Where(name => !names.Contains(name)).ToList();
        var last = Enumerable.Range(1, Batches).LastOrDefault(number => names.Contains($"data_batch_{number}.bin"));
        if (last == 0 || missing.Count == 0)
            return null; // named in another way
        if (missing.Count > Batches - last)
            throw new DataException(
                $"{Path.Combine(path, missing[0])} does not exist, and data_batch_{last}.bin does; expected all five batches of "
                + "CIFAR-10, or the first ones: put it there, or rename the others");
        return $"{path}: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not there; training goes by "
            + $"{last} of CIFAR-10's {Batches} batches";
    }

    /// <summary>The place where the files may be instead, for a message.</summary>
    static string Elsewhere(string path)
    {
        const string folder = "cifar-10-batches-bin";
        return Directory.Exists(Path.Combine(path, folder)) ? $": give the folder {Path.Combine(path, folder)}"
            : File.Exists(Path.Combine(path, "data_batch_1")) ? ": these are the files of the version for Python; get "
                + "cifar-10-binary.tar.gz"
            : Directory.EnumerateFiles(path, "cifar-10-*.tar.gz").FirstOrDefault() is { } packed
                ? $": unpack {packed} first" : "";
    }
}
