using System.Security.Cryptography;

namespace DecentralizedLion.Models.Datasets;

/// <summary>The records of some CIFAR-10 files, one file after another: a label byte, then 3 x 32 x 32 pixels.</summary>
sealed class CifarSplit : ImageSplit, IDisposable
{
    const int RecordLength = 1 + (3 * 32 * 32);
    const int MaxRecords = 10_000_000;
    const string Format = "CIFAR-10 records of 3073 bytes";

    readonly List<MappedFile> files = [];
    readonly List<long> ends = [];

    public CifarSplit(IEnumerable<string> paths, Augmentation? augmentation)
        : base([3, 32, 32], Cifar10.Scale, augmentation)
    {
        try
        {
            foreach (var path in paths)
                Add(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long Count => ends[^1];

    public void Hash(IncrementalHash hash)
    {
        hash.Add(Count);
        foreach (var file in files)
            file.Hash(hash);
    }

    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    protected override ReadOnlySpan<byte> Pixels(long sample) => Record(sample)[1..];

    protected override int Label(long sample) => Record(sample)[0];

    void Add(string path)
    {
        var file = MappedFile.Open(path, Format);
        files.Add(file);
        if (FileFormat.Of(file.Slice(0, (int)Math.Min(FileFormat.Start, file.Length)), file.Length) is { } found)
            throw new DataException($"{path} is {found.Name}; expected {Format}: {found.Remedy}");
        if (file.Length % RecordLength != 0)
        {
            throw new DataException(
                $"{path} has {file.Length} bytes; expected a multiple of {RecordLength} ({Format}), so it is truncated "
                + "or something else");
        }
        var records = file.Length / RecordLength;
        if (records > MaxRecords)
            throw new DataException($"{path} has {records} records; expected at most {MaxRecords}");
        for (long i = 0; i < records; i++)
        {
            var label = file.Slice(i * RecordLength, 1)[0];
            if (label > 9)
                throw new DataException($"{path}: record {i} has the label {label}; expected 0 to 9 ({Format})");
        }
        ends.Add((ends.Count == 0 ? 0 : ends[^1]) + records);
    }

    ReadOnlySpan<byte> Record(long sample)
    {
        // A handful of files: the plain search is the fastest.
        var index = 0;
        while (sample >= ends[index])
            index++;
        var first = index == 0 ? 0 : ends[index - 1];
        return files[index].Slice((sample - first) * RecordLength, RecordLength);
    }
}
