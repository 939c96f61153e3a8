using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology.Commit;
using Microsoft.Win32.SafeHandles;

namespace DecentralizedLion.Peer.Journal;

/// <summary>
/// An append-only file of the records of consecutive steps. Its header says which step they follow and the chain's digest after
/// that step; then come for each record the length, a CRC-32C, the record and its digest. Only <see cref="TryRead"/> and
/// <see cref="Sync"/> may run beside other calls.
/// </summary>
sealed class JournalFile : IDisposable
{
    /// <summary>Bytes before the first record.</summary>
    public const int Header = sizeof(ulong) + sizeof(int) + sizeof(long) + Digest.Length + sizeof(uint);

    const int Frame = sizeof(int) + sizeof(uint);
    const ulong Magic = 0x4C4E524A4E4F494C; // "LIONJRNL"
    const int Version = 1;

    /// <summary>No run comes so far, and steps beyond it can still be counted.</summary>
    const long BaseStepMax = long.MaxValue / 2;

    readonly SafeFileHandle file;
    readonly List<Entry> entries = [];
    readonly ArrayBufferWriter<byte> buffer = new();

    JournalFile(string path, SafeFileHandle file, long first, Digest chain)
    {
        (Path, this.file, First, Base) = (path, file, first, chain);
    }

    /// <summary>The place of a record in the file.</summary>
    public readonly record struct Entry(long Offset, int Length, Digest Digest);

    public string Path { get; }

    /// <summary>The step that the file's records follow.</summary>
    public long First { get; }

    /// <summary>The chain's digest after <see cref="First"/>.</summary>
    public Digest Base { get; }

    /// <summary>The step of the last record; <see cref="First"/> when there is none.</summary>
    public long Last => First + entries.Count;

    /// <summary>The offset of the next record.</summary>
    public long End { get; private set; } = Header;

    /// <summary>The chain's digest after a step of <see cref="First"/> … <see cref="Last"/>.</summary>
    public Digest DigestAfter(long step) => step == First ? Base : EntryOf(step).Digest;

    /// <summary>The place of a step's record, of <see cref="First"/> + 1 … <see cref="Last"/>.</summary>
    public Entry EntryOf(long step) => entries[(int)(step - First - 1)];

    /// <summary>Makes a file with a header; one that is there is replaced.</summary>
    public static JournalFile Create(string path, long first, Digest chain)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            var header = new byte[Header];
            BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), first);
            chain.Bytes.CopyTo(header.AsSpan(20));
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(Header - sizeof(uint)),
                Crc32C.Of(header.AsSpan(..^sizeof(uint))));
            RandomAccess.Write(file, header, 0);
            return new JournalFile(path, file, first, chain);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            file?.Dispose();
            throw DiskFault.Of(path, e);
        }
    }

    /// <summary>Opens a file and reads it up to the first record that is torn, damaged, or does not follow from the one before
    /// it; that is where <see cref="End"/> is then.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bucketsOf">What a step carries.</param>
    /// <param name="checkpoint">The step of the checkpoint, or later than all.</param>
    /// <returns>The file; null when its header is none.</returns>
    /// <exception cref="CheckpointException">There are whole records of steps after the checkpoint that carry something
    /// else.</exception>
    public static JournalFile? Open(string path, Func<long, IReadOnlyList<Bucket>> bucketsOf, long checkpoint)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        JournalFile? opened = null;
        try
        {
            var header = new byte[Header];
            if (!ReadAll(file, header, 0) || BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic
                || BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8)) != Version
                || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(Header - sizeof(uint)))
                != Crc32C.Of(header.AsSpan(..^sizeof(uint))))
                return null;
            var first = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(12));
            if (first is < 0 or > BaseStepMax)
                return null;
            var scanned = new JournalFile(path, file, first, new Digest(header.AsSpan(20, Digest.Length)));
            var others = scanned.Scan(bucketsOf);
            if (others > Math.Max(scanned.Last, checkpoint))
                throw new CheckpointException(path,
                    $"steps {scanned.Last + 1} to {others} were written with another method, other options or another version of "
                        + "this program, and no checkpoint has them. Restore method, momentumSync and keep in peers.json, or "
                        + "begin anew with --fresh");
            return opened = scanned;
        }
        finally
        {
            if (opened is null)
                file.Dispose();
        }
    }

    /// <summary>True when there is something behind the last good record.</summary>
    public bool HasMore => RandomAccess.GetLength(file) != End;

    /// <summary>Writes one record; it is in the system's cache when this returns.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void Append(StepRecord record)
    {
        buffer.ResetWrittenCount();
        buffer.GetSpan(Frame);
        buffer.Advance(Frame);
        record.Write(buffer);
        buffer.Write(record.Digest.Bytes);
        var written = MemoryMarshal.AsMemory(buffer.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(written, written.Length - Frame);
        BinaryPrimitives.WriteUInt32LittleEndian(written[sizeof(int)..], Crc32C.Of(written[Frame..]));
        try
        {
            RandomAccess.Write(file, written, End);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(Path, e);
        }
        entries.Add(new Entry(End, written.Length, record.Digest));
        End += written.Length;
    }

    /// <summary>Reads a record; null when it is no more what it was, or the file was closed.</summary>
    public StepRecord? TryRead(Entry entry, Func<long, IReadOnlyList<Bucket>> bucketsOf)
    {
        var bytes = new byte[entry.Length];
        try
        {
            return ReadAll(file, bytes, entry.Offset) && IsWhole(bytes) && Parse(bytes, bucketsOf) is { } record
                && record.Digest == entry.Digest ? record : null;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Cuts off what follows a step of <see cref="First"/> … <see cref="Last"/>; it is on the disk when this
    /// returns.</summary>
    public void TruncateAfter(long step)
    {
        var end = step == Last ? End : EntryOf(step + 1).Offset;
        RandomAccess.SetLength(file, end);
        Sync();
        entries.RemoveRange((int)(step - First), (int)(Last - step));
        End = end;
    }

    /// <summary>Waits until everything written is on the disk.</summary>
    public void Sync()
    {
        try
        {
            RandomAccess.FlushToDisk(file);
        }
        catch (IOException e)
        {
            throw DiskFault.Of(Path, e);
        }
    }

    public void Dispose() => file.Dispose();

    public void Delete()
    {
        Dispose();
        File.Delete(Path);
    }

    /// <summary>Finds the good records.</summary>
    /// <returns>The last step of whole records behind them that carry something else; <see cref="Last"/>: there are
    /// none.</returns>
    long Scan(Func<long, IReadOnlyList<Bucket>> bucketsOf)
    {
        while (WholeAt(End) is { } bytes)
        {
            if (Parse(bytes, bucketsOf) is not { } record)
                return Last + WholeFrom(End);
            if (record.Step != Last + 1 || record.WithDigestAfter(DigestAfter(Last)).Digest != record.Digest)
                return Last;
            entries.Add(new Entry(End, bytes.Length, record.Digest));
            End += bytes.Length;
        }
        return Last;
    }

    int WholeFrom(long at)
    {
        var count = 0;
        for (; WholeAt(at) is { } bytes; at += bytes.Length)
            count++;
        return count;
    }

    /// <summary>Length, CRC, bytes and digest as they lie in the file from some place on; null when that is torn or
    /// damaged.</summary>
    byte[]? WholeAt(long at)
    {
        var frame = new byte[sizeof(int)];
        if (!ReadAll(file, frame, at) || BinaryPrimitives.ReadInt32LittleEndian(frame) is not (> Digest.Length and var size)
            || RandomAccess.GetLength(file) - at < Frame + (long)size)
            return null;
        var bytes = new byte[Frame + size];
        return ReadAll(file, bytes, at) && IsWhole(bytes) ? bytes : null;
    }

    static bool IsWhole(byte[] bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes) == bytes.Length - Frame
        && Crc32C.Of(bytes.AsSpan(Frame)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(sizeof(int)));

    /// <summary>A record out of what <see cref="WholeAt"/> gave; null when it is none of such a step.</summary>
    static StepRecord? Parse(byte[] bytes, Func<long, IReadOnlyList<Bucket>> bucketsOf) =>
        StepRecord.TryRead(bytes.AsMemory(Frame..^Digest.Length), bucketsOf, new Digest(bytes.AsSpan(^Digest.Length..)));

    static bool ReadAll(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
                return false;
            offset += read;
            bytes = bytes[read..];
        }
        return true;
    }
}
