using System.Buffers.Binary;
using System.IO.Compression;

namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// The unpacked content of a gzip file as RFC 1952 has it: one member after another, each with a header of its own and, behind
/// the packed data, their CRC-32 and length; zeros may follow. Each thing that is wrong is named.
/// </summary>
sealed class GzipReader(FileStream file, string path) : Stream
{
    const int Trailer = 8;
    const string Damaged = "it is damaged; fetch it again";

    readonly GzipSource source = new(file);
    DeflateStream? member;
    long begin;
    uint crc;
    uint length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0 && (member is not null || BeginMember()))
        {
            var read = Unpack(buffer);
            if (read > 0)
            {
                crc = Crc32.Append(crc, buffer[..read]);
                length = unchecked(length + (uint)read);
                return read;
            }
            EndMember();
        }
        return 0;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        member?.Dispose();
        base.Dispose(disposing);
    }

    int Unpack(Span<byte> buffer)
    {
        try
        {
            return member!.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"{path}: its packed data are wrong near byte {file.Position}: {Damaged}", e);
        }
    }

    /// <summary>Reads a member's header; false at the file's end.</summary>
    bool BeginMember()
    {
        var first = file.Position;
        int start;
        do
            start = file.ReadByte();
        while (start == 0 && first > 0);
        if (start < 0 && first > 0)
            return false;
        var header = new byte[10];
        header[0] = (byte)start;
        var found = start < 0 ? 0 : 1 + file.ReadAtLeast(header.AsSpan(1), header.Length - 1, throwOnEndOfStream: false);
        if (header[0] != 0x1F || (found > 1 && header[1] != 0x8B))
            throw new DataException(first == 0 ? $"{path} does not begin as a gzip file does; expected one, by its name"
                : $"{path}: {file.Length - first} bytes that are not gzip follow the packed data: {Damaged}");
        if (found < header.Length)
            throw CutOff();
        if (header[2] != 8 || (header[3] & 0xE0) != 0)
            throw new DataException($"{path} is packed by method {header[2]} with flags {header[3]}; expected gzip's method 8 "
                + $"and flags below 32: {Damaged}");
        SkipOptions(header[3], Crc32.Append(0, header));
        (begin, crc, length) = (file.Position, 0, 0);
        source.Restart();
        member = new DeflateStream(source, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    /// <summary>Skips what the flags announce: extra fields (4), a name (8), a comment (16), the header's checksum (2).</summary>
    void SkipOptions(int flags, uint sum)
    {
        if ((flags & 4) != 0)
        {
            var size = Next(ref sum);
            for (var left = size | (Next(ref sum) << 8); left > 0; left--)
                _ = Next(ref sum);
        }
        foreach (var text in (int[])[8, 16])
            while ((flags & text) != 0 && Next(ref sum) != 0)
            {
            }
        if ((flags & 2) == 0)
            return;
        var ignored = 0u;
        if ((Next(ref ignored) | (Next(ref ignored) << 8)) != (ushort)sum)
            throw new DataException($"{path}: the checksum of its gzip header is wrong: {Damaged}");
    }

    int Next(ref uint sum)
    {
        var value = file.ReadByte();
        if (value < 0)
            throw CutOff();
        sum = Crc32.Append(sum, [(byte)value]);
        return value;
    }

    /// <summary>
    /// Checks a member's CRC-32 and length. The platform's inflater does not say where in its last piece of input the packed
    /// data end, so both, of content known by now, are looked for in it.
    /// </summary>
    void EndMember()
    {
        member!.Dispose();
        member = null;
        if (source.IsExhausted)
            throw CutOff();
        var from = Math.Max(source.LastBegin, begin + 2); // no packed data are shorter
        var last = new byte[Math.Max(0, Math.Min(source.Position + Trailer, file.Length) - from)];
        file.Seek(from, SeekOrigin.Begin);
        file.ReadExactly(last);
        Span<byte> expected = stackalloc byte[Trailer];
        BinaryPrimitives.WriteUInt32LittleEndian(expected, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(expected[4..], length);
        var at = last.AsSpan().IndexOf(expected);
        if (at < 0)
            throw WrongTrailer();
        file.Seek(from + at + Trailer, SeekOrigin.Begin);
    }

    DataException WrongTrailer()
    {
        var trailer = new byte[Trailer];
        file.Seek(-Math.Min(Trailer, file.Length), SeekOrigin.End);
        file.ReadAtLeast(trailer, trailer.Length, throwOnEndOfStream: false);
        var (theirs, size) = (BinaryPrimitives.ReadUInt32LittleEndian(trailer),
            BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)));
        return size == length
            ? new DataException(
                $"{path}: its checksum is wrong: CRC-32 {theirs:x8} in the file, {crc:x8} of its content: {Damaged}")
            : theirs == crc
            ? new DataException($"{path}: its length is wrong: {size} bytes by its end, {length} unpacked: {Damaged}")
            : new DataException($"{path}: the checksum of its content, CRC-32 {crc:x8} of {length} bytes, is not in it: it is "
                + "damaged or cut off; fetch it again");
    }

    DataException CutOff() =>
        new($"{path} is cut off: its packed data go on after its end, at byte {file.Length}; fetch it again");
}
