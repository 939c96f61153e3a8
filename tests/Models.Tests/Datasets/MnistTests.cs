using System.Buffers.Binary;
using System.IO.Compression;
using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class MnistTests : IDisposable
{
    const string TrainImages = "train-images-idx3-ubyte";
    const string TrainLabels = "train-labels-idx1-ubyte";
    const string TestImages = "t10k-images-idx3-ubyte";
    const string TestLabels = "t10k-labels-idx1-ubyte";
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Plain_and_packed_files_are_the_same_data()
    {
        WriteAll(packed: false);
        using var plain = Mnist.Digits(folder.Path);
        Assert.Equal((3, 2, 10), (plain.Train.Count, plain.Test.Count, plain.Classes));
        Assert.Equal([1, 4, 5], plain.SampleShape);
        var batch = plain.Train.Read([2, 0]);
        Assert.Equal([2, 1, 4, 5], batch.InputShape);
        Assert.Equal([9, 0], batch.Targets);
        for (var i = 0; i < 20; i++)
            Assert.Equal((((40 + i) / 255f) - 0.1307f) / 0.3081f, batch.Images![i]);

        foreach (var name in new[] { TrainImages, TrainLabels, TestImages, TestLabels })
            File.Delete(folder.File(name));
        WriteAll(packed: true);
        using var packed = Mnist.Digits(folder.Path);
        Assert.Equal(plain.Digest, packed.Digest);
        Assert.Equal(batch.Images!, packed.Train.Read([2, 0]).Images!);

        using var fashion = Mnist.Fashion(folder.Path);
        Assert.NotEqual(plain.Digest, fashion.Digest);
        Assert.Equal(((40 / 255f) - 0.2860f) / 0.3530f, fashion.Train.Read([2]).Images![0]);
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        Check("does not exist", folder.File(TrainImages), TrainImages + ".gz");
        WriteAll(packed: false);
        Wrong(TrainImages, [], "is empty");
        Wrong(TrainImages, Idx(3, [3, 4, 5])[..15], "ends after 15 bytes", "a header of 16");
        Wrong(TrainImages, Idx(1, [60]), "begins with 0x00000801; expected 0x00000803");
        Wrong(TrainImages, Idx(3, [3, 4, 5])[..^1], "the header tells of 60 bytes");
        Wrong(TrainImages, [.. Idx(3, [3, 4, 5]), 0], "goes on after 60 bytes");
        Wrong(TrainImages, Idx(3, [0, 4, 5]), "dimension 0 is 0");
        Wrong(TrainImages, Idx(3, [3, 4, 5], header: [uint.MaxValue, uint.MaxValue, 1]), "dimension 0 is 4294967295");
        Wrong(TrainImages, Idx(3, [3, 4, 5], header: [60_000, 60_000, 28]), "dimension 1 is 60000");
        Wrong(TrainImages, Idx(3, [1, 1, 1025]), "images of 1 x 1025 pixels; expected at most 1024");
        Wrong(TrainLabels, Idx(1, [4]), "has 4 labels; expected 3");
        Wrong(TrainLabels, [.. Idx(1, [3])[..^1], 10], "label 2 is 10; expected 0 to 9");
        Wrong(TestImages, Idx(3, [2, 5, 4]), "images of 5 x 4 pixels; expected 4 x 5");
    }

    [Fact]
    public void A_packed_file_is_not_believed_either()
    {
        WriteAll(packed: true);
        var name = TrainImages + ".gz";
        var good = File.ReadAllBytes(folder.File(name));

        // A header of a gibibyte in some forty bytes: refused before memory is taken.
        Wrong(name, Pack(Idx(3, [3, 4, 5], header: [1 << 20, 32, 32])), "the header tells of 1073741824 bytes");
        Wrong(name, Pack([.. Idx(3, [3, 4, 5]), 1]), "goes on after 60 bytes");
        Wrong(name, Pack(Idx(3, [3, 4, 5])[..^1]), "ends after 59 bytes");
        Wrong(name, "not packed at all"u8.ToArray());
        Wrong(name, [.. good, 1, 2, 3, 4]);
        for (var length = 1; length < good.Length; length++)
            Wrong(name, good[..length]);
    }

    void Wrong(string name, byte[] content, params string[] parts)
    {
        var before = File.ReadAllBytes(folder.File(name));
        var path = folder.Write(name, content);
        Check([path, .. parts]);
        folder.Write(name, before);
        Mnist.Digits(folder.Path).Dispose();
    }

    void Check(params string[] parts) => CifarTests.Expect(() => Mnist.Digits(folder.Path), parts);

    void WriteAll(bool packed)
    {
        Write(TrainImages, Idx(3, [3, 4, 5]));
        Write(TrainLabels, [.. Idx(1, [3])[..8], 0, 5, 9]);
        Write(TestImages, Idx(3, [2, 4, 5]));
        Write(TestLabels, Idx(1, [2]));

        void Write(string name, byte[] content)
        {
            if (packed)
                folder.Write(name + ".gz", Pack(content));
            else
                folder.Write(name, content);
        }
    }

    static byte[] Idx(int dimensions, int[] sizes, uint[]? header = null)
    {
        var offset = 4 + (4 * dimensions);
        var bytes = new byte[offset + sizes.Aggregate(1, (product, size) => product * size)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x800 + dimensions);
        for (var i = 0; i < dimensions; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 + (4 * i)), header?[i] ?? (uint)sizes[i]);
        for (var i = offset; i < bytes.Length; i++)
            bytes[i] = (byte)(i - offset);
        return bytes;
    }

    static byte[] Pack(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
            gzip.Write(content);
        return memory.ToArray();
    }
}
