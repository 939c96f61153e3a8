using System.Buffers.Binary;
using System.IO.Compression;

namespace DecentralizedLion.Models.Datasets;

/// <summary>An IDX file of bytes, plain or .gz: a magic number, big-endian dimensions, then exactly so many bytes.</summary>
sealed record IdxFile(string Path, int[] Dimensions, byte[] Content)
{
    const long MaxLength = 1L << 30;

    // Deflate cannot make a byte into more than this, so a header that claims more is believed by nobody.
    const long MaxExpansion = 1032;

    /// <summary>Reads a file with this many dimensions; the name may have .gz behind it on disk.</summary>
    public static IdxFile Read(string folder, string name, int dimensions)
    {
        var plain = System.IO.Path.Combine(folder, name);
        var packed = plain + ".gz";
        var format = $"an IDX file of bytes in {dimensions} dimension{(dimensions == 1 ? "" : "s")}";
        var gzip = !File.Exists(plain) && File.Exists(packed);
        var path = gzip ? packed : plain;
        var length = DataFile.Length(path, $"{format}, or {name}.gz");
        if (length == 0)
            throw new DataException($"{path} is empty; expected {format}");
        return DataFile.Guard(path, () =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!gzip)
                return Read(file, path, format, dimensions, length);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            var content = Read(unpacked, path, format, dimensions, Math.Min(length, MaxLength) * MaxExpansion);
            CheckTrailer(file, path, 4 + (4 * dimensions) + content.Content.Length);
            return content;
        });
    }

    /// <summary>
    /// GZipStream is content when a file ends before its checksum; the length in the last four bytes shows that it is whole.
    /// </summary>
    static void CheckTrailer(FileStream file, string path, int unpacked)
    {
        Span<byte> trailer = stackalloc byte[4];
        file.Seek(-trailer.Length, SeekOrigin.End);
        file.ReadExactly(trailer);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (length != unpacked)
            throw new DataException($"{path} ends with the length {length}; expected {unpacked}: truncated, or with a tail");
    }

    static IdxFile Read(
        Stream stream, string path, string format, int dimensions, long available)
    {
        Span<byte> header = stackalloc byte[4 + (4 * dimensions)];
        var found = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (found < header.Length)
            throw new DataException($"{path} ends after {found} bytes; expected a header of {header.Length} ({format})");
        var magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        var expected = 0x800u + (uint)dimensions;
        if (magic != expected)
            throw new DataException($"{path} begins with 0x{magic:X8}; expected 0x{expected:X8} ({format})");

        var sizes = new int[dimensions];
        long total = 1;
        for (var i = 0; i < dimensions; i++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + (4 * i))..]);
            if (size == 0 || size > MaxLength || total * size > MaxLength)
            {
                throw new DataException(
                    $"{path}: dimension {i} is {size}; expected at least 1, and at most {MaxLength} bytes in all");
            }
            sizes[i] = (int)size;
            total *= size;
        }
        if (total > available - header.Length)
        {
            throw new DataException(
                $"{path} is too short: the header tells of {total} bytes, it can hold {available - header.Length} at most");
        }

        var content = new byte[total];
        var read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (read < total)
            throw new DataException($"{path} ends after {read} bytes of content; expected {total} by its header");
        if (stream.ReadByte() >= 0)
            throw new DataException($"{path} goes on after {total} bytes of content; expected its end there by its header");
        return new IdxFile(path, sizes, content);
    }
}
