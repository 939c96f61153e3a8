using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using Microsoft.Win32.SafeHandles;

namespace DecentralizedLion.Peer.Journal;

/// <summary>
/// An append-only file of step records: for each the length, a CRC-32C, the record and its chain digest. What a crash left
/// unfinished at the end is cut off; everything before it counts.
/// </summary>
sealed class JournalFile : IDisposable
{
    const int Frame = sizeof(int) + sizeof(uint);

    readonly SafeFileHandle file;
    readonly ArrayBufferWriter<byte> buffer = new();
    long end;

    JournalFile(SafeFileHandle file) => this.file = file;

    /// <summary>Makes an empty file; one that is there is replaced.</summary>
    public static JournalFile Create(string path) =>
        new(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read));

    /// <summary>Reads the good records of a file in order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The model's length; a record of another length is not good.</param>
    /// <returns>The records, each with the position where it ends; stops before the first that is torn or damaged.</returns>
    public static IEnumerable<(StepRecord Record, long End)> Read(string path, int parameters)
    {
        using var file = File.OpenHandle(path);
        long at = 0, length = RandomAccess.GetLength(file);
        var frame = new byte[Frame];
        // A record is two planes and a few hundred bytes at most.
        var longest = 2L * BitPlanes.Words(parameters) * sizeof(ulong) + 4096;
        while (at + Frame <= length && RandomAccess.Read(file, frame, at) == Frame)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(frame);
            if (size <= ChainDigest.Length || size > longest || at + Frame + size > length)
                break;
            var bytes = new byte[size];
            if (RandomAccess.Read(file, bytes, at + Frame) != size
                || Crc32C.Of(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(sizeof(int)))
                || StepRecord.TryRead(bytes.AsMemory(..^ChainDigest.Length), parameters,
                    new ChainDigest(bytes.AsSpan(^ChainDigest.Length..))) is not { } record)
                break;
            at += Frame + size;
            yield return (record, at);
        }
    }

    /// <summary>Cuts a file off.</summary>
    public static void Cut(string path, long end)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, end);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Writes one record; it is in the system's cache when this returns.</summary>
    public void Append(StepRecord record)
    {
        buffer.ResetWrittenCount();
        buffer.GetSpan(Frame);
        buffer.Advance(Frame);
        record.Write(buffer);
        buffer.Write(record.Digest.Bytes.Span);
        var written = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(written, written.Length - Frame);
        BinaryPrimitives.WriteUInt32LittleEndian(written[sizeof(int)..], Crc32C.Of(written[Frame..]));
        RandomAccess.Write(file, written, end);
        end += written.Length;
    }

    /// <summary>Waits until everything written is on the disk; may run beside <see cref="Append"/>.</summary>
    public void Sync() => RandomAccess.FlushToDisk(file);

    public void Dispose() => file.Dispose();
}
