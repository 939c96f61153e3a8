using System.Buffers.Binary;
using System.IO.Compression;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>An IDX file of images or of labels beside a good one of the other, plain or packed.</summary>
sealed class IdxTarget : Target
{
    const string Images = "train-images-idx3-ubyte", Labels = "train-labels-idx1-ubyte";

    // What deflate can make of a byte.
    const int Expansion = 1032;

    readonly bool packed;
    readonly Scratch scratch = new();
    readonly byte[] images = Idx(3, 4, 5), labels = Idx(3);
    readonly PixelScale scale = new((0.5f, 0.25f));

    public IdxTarget(bool packed)
    {
        this.packed = packed;
        byte[][] plain = [images, labels, Idx(3, 1, 1), Idx(3, 1024, 2)];
        // Such as a bomb: a thousand times as much as there is.
        Seeds = packed ? [.. plain.Select(Pack), Pack([.. Idx(3, 1024, 1024)])] : plain;
    }

    public override string Name => packed ? "idx.gz" : "idx";

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override int Longest => 8192;

    public override long MostAllocated(int length) => (128 << 10) + (packed ? 2L * Expansion * length : 64L * length);

    /// <summary>Packs now and then a plain file as it is, so that what is packed is changed, too.</summary>
    public override byte[] Repair(byte[] input, FuzzRandom random)
    {
        if (!packed || random.OneIn(3))
            return input;
        byte[] plain = [.. random.OneIn(2) ? images : labels];
        int at = random.Below(16);
        plain[Math.Min(at, plain.Length - 1)] ^= (byte)(1 << random.Below(8));
        return Pack(random.OneIn(4) ? [.. plain, .. input] : plain[..(plain.Length - random.Below(2))]);
    }

    public override string Run(ReadOnlyMemory<byte> input)
    {
        // The third byte of the magic number is the kind of elements, the fourth the number of dimensions.
        bool isLabels = !packed ? input.Length > 3 && input.Span[3] == 1 : IsPackedLabels(input);
        string changed = isLabels ? Labels : Images, other = isLabels ? Images : Labels;
        scratch.Write(packed ? changed + ".gz" : changed, input.Span);
        scratch.Write(other, isLabels ? images : labels);
        try
        {
            IdxSplit part = IdxSplit.Open(scratch.Path, "train", scale, null);
            Must(part.Count >= 1, "a part without samples");
            if (part.Height * part.Width <= 1 << 12) // as numbers they are four times as large
                Must(part.Read([0, part.Count - 1]).Images!.Length == 2 * part.Height * part.Width, "an image of another size");
            return Accepted;
        }
        catch (DataException)
        {
            return "refused";
        }
        finally
        {
            File.Delete(scratch.File(packed ? changed + ".gz" : changed));
            File.Delete(scratch.File(other));
        }
    }

    public override void Dispose() => scratch.Dispose();

    static bool IsPackedLabels(ReadOnlyMemory<byte> input)
    {
        try
        {
            using var stream = new GZipStream(new MemoryStream(input.ToArray()), CompressionMode.Decompress);
            var start = new byte[4];
            return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start[3] == 1;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    static byte[] Pack(byte[] plain)
    {
        var output = new MemoryStream();
        using (var packing = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true))
            packing.Write(plain);
        return output.ToArray();
    }

    static byte[] Idx(params int[] sizes)
    {
        var bytes = new byte[4 + (4 * sizes.Length) + sizes.Aggregate(1, (product, size) => product * size)];
        (bytes[2], bytes[3]) = (8, (byte)sizes.Length);
        for (int at = 0; at < sizes.Length; at++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * at)), sizes[at]);
        return bytes;
    }
}
