using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;

namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// A file seen as memory: nothing is copied, files larger than memory can be read, and the peers of one host share one
/// copy in the system's cache.
/// </summary>
sealed unsafe class MappedFile : IDisposable
{
    const int HashStep = 1 << 24;

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    byte* start;

    MappedFile(string path, long length, MemoryMappedFile file)
    {
        Path = path;
        Length = length;
        this.file = file;
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>In bytes; at least 1.</summary>
    public long Length { get; }

    /// <summary>True when both have the same bytes.</summary>
    public bool IsEqual(MappedFile other)
    {
        if (Length != other.Length)
            return false;
        for (long offset = 0; offset < Length; offset += HashStep)
        {
            var step = (int)Math.Min(HashStep, Length - offset);
            if (!Slice(offset, step).SequenceEqual(other.Slice(offset, step)))
                return false;
        }
        return true;
    }

    /// <summary>Maps a file that must not be empty.</summary>
    public static MappedFile Open(string path, string content)
    {
        if (DataFile.Length(path, content) == 0)
            throw new DataException($"{path} is empty, or no regular file; expected {content}");
        return DataFile.Guard(path, () =>
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            try
            {
                var map = MemoryMappedFile.CreateFromFile(
                    stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                return new MappedFile(path, stream.Length, map);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        });
    }

    /// <summary>A range of the file, which must lie inside it. Valid until the file is disposed of.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(start == null, this);
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{length} bytes must lie inside {Length}");
        return new ReadOnlySpan<byte>(start + offset, length);
    }

    /// <summary>Feeds the whole file to a hash.</summary>
    public void Hash(IncrementalHash hash)
    {
        for (long offset = 0; offset < Length; offset += HashStep)
            hash.AppendData(Slice(offset, (int)Math.Min(HashStep, Length - offset)));
    }

    /// <summary>Unmaps the file; spans of it are invalid from then on.</summary>
    public void Dispose()
    {
        if (start == null)
            return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
