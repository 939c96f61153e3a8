using System.Buffers.Binary;
using System.IO.Compression;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class GzipTests : IDisposable
{
    const string Name = "train-images-idx3-ubyte";
    readonly TemporaryFolder folder = new();
    readonly byte[] content = Idx();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Several_members_with_all_that_a_header_may_have_are_one_content()
    {
        foreach (var at in new[] { 1, 7, 16, 10_000, 17_000, content.Length - 1 })
            Reads([.. Pack(content[..at]), .. Pack(content[at..])]);
        Reads([.. Pack([]), .. Pack(content[..30_000]), .. Pack([]), .. Pack(content[30_000..]), .. Pack([])]);
        Reads([.. content.Chunk(1000).SelectMany(Pack)]);
        Reads([.. Pack(content), .. new byte[700]]); // as tapes pad it
        foreach (var flags in Enumerable.Range(0, 32))
            Reads([.. WithOptions(Pack(content[..500]), flags), .. WithOptions(Pack(content[500..]), flags)]);
    }

    [Fact]
    public void Each_fault_has_a_message_of_its_own()
    {
        var good = Pack(content);
        Wrong("<!DOCTYPE html><html><body>Sign in</body></html>"u8.ToArray(), "is an HTML page; expected an IDX file",
            "packed with gzip", "download it again");
        Wrong(content, "is not packed, though its name ends in .gz");
        Wrong([1, 2, 3, .. good], "does not begin as a gzip file does");
        Wrong(Changed(good, ^8), "its checksum is wrong", "in the file", "of its content");
        Wrong(Changed(good, ^1), "its length is wrong");
        Wrong([.. Pack(content[..9000]), .. Changed(Pack(content[9000..]), ^7)], "its checksum is wrong");
        Wrong([.. good, 1, 2, 3, 4], "4 bytes that are not gzip follow the packed data");
        Wrong(Changed(good, 2), "is packed by method");
        Wrong([.. good[..10], 0x07, .. good[11..]], "its packed data are wrong"); // a block of a type that there is not
        var optional = WithOptions(good, 2);
        Wrong(Changed(optional, 10), "the checksum of its gzip header is wrong");
    }

    [Fact]
    public void A_file_that_is_cut_off_is_said_to_be()
    {
        var good = WithOptions(Pack(content), 31);
        foreach (var length in Enumerable.Range(1, 60).Concat([1000, 20_000]).Concat(Enumerable.Range(good.Length - 12, 12)))
            Wrong(good[..length], "cut off");
    }

    [Fact]
    public void A_packed_file_without_the_ending_is_named()
    {
        folder.Write(Name, Pack(content));
        CifarTests.Expect(() => IdxFile.Read(folder.Path, Name, 3), folder.File(Name), "is packed with gzip",
            "put .gz behind its name");
    }

    void Reads(byte[] packed)
    {
        folder.Write(Name + ".gz", packed);
        Assert.Equal(content[16..], IdxFile.Read(folder.Path, Name, 3).Content);
    }

    void Wrong(byte[] packed, params string[] parts)
    {
        var path = folder.Write(Name + ".gz", packed);
        CifarTests.Expect(() => IdxFile.Read(folder.Path, Name, 3), [path, .. parts]);
    }

    static byte[] Changed(byte[] bytes, Index at)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= 0x40;
        return changed;
    }

    /// <summary>The same with optional fields in the header, as the flags say, and its checksum.</summary>
    static byte[] WithOptions(byte[] packed, int flags)
    {
        var header = new List<byte>(packed[..10]) { [3] = (byte)flags };
        if ((flags & 4) != 0)
            header.AddRange([5, 0, 1, 0, 31, 139, 8]);
        if ((flags & 8) != 0)
            header.AddRange("name\0"u8.ToArray());
        if ((flags & 16) != 0)
            header.AddRange("a comment\0"u8.ToArray());
        if ((flags & 2) != 0)
            header.AddRange(BitConverter.GetBytes((ushort)Crc32.Append(0, [.. header])));
        return [.. header, .. packed[10..]];
    }

    /// <summary>Forty images of noise: several pieces of what an inflater reads at once.</summary>
    static byte[] Idx()
    {
        var bytes = new byte[16 + (40 * 28 * 28)];
        foreach (var (at, value) in new[] { (0, 0x803), (4, 40), (8, 28), (12, 28) })
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), value);
        for (var i = 16; i < bytes.Length; i++)
            bytes[i] = (byte)SplitMix.Bits((ulong)i);
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
