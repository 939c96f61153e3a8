using System.Buffers.Binary;

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
            CheckFormat(file, path, gzip, format);
            if (!gzip)
                return Read(file, path, format, dimensions, length);
            using var unpacked = new GzipReader(file, path);
            return Read(unpacked, path, format, dimensions, Math.Min(length, MaxLength) * MaxExpansion);
        });
    }

    /// <summary>Refuses what is something else altogether, by its first bytes.</summary>
    static void CheckFormat(FileStream file, string path, bool gzip, string format)
    {
        var start = new byte[FileFormat.Start];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Seek(0, SeekOrigin.Begin);
        if (gzip && start is [0, 0, 8, 1 or 2 or 3, ..])
            throw new DataException($"{path} is not packed, though its name ends in .gz: take the .gz off its name");
        if (FileFormat.Of(start, file.Length) is not { } found || (gzip && found == FileFormat.Gzip))
            return;
        throw new DataException(found == FileFormat.Gzip
            ? $"{path} is packed with gzip, though its name does not say so: put .gz behind its name, or unpack it"
            : $"{path} is {found.Name}; expected {format}{(gzip ? ", packed with gzip" : "")}: {found.Remedy}");
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
