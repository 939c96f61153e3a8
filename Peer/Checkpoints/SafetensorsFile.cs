using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Reads a safetensors file; nothing it claims is believed, or allocated for, before it was checked.</summary>
sealed class SafetensorsFile : IDisposable
{
    const int Block = 1 << 20;

    readonly SafeFileHandle handle;
    readonly long data;

    /// <exception cref="CheckpointException">The file is missing, truncated or not of the format.</exception>
    public SafetensorsFile(string path)
    {
        Name = path;
        try
        {
            handle = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be opened: {e.Message}", e);
        }
        try
        {
            var length = RandomAccess.GetLength(handle);
            var first = ReadAt(0, (int)Math.Min(8, length));
            if (first.Length < 8)
                throw new CheckpointException(path, length == 0 ? "is empty, or no regular file"
                    : $"{length} bytes long; the shortest possible file has 10");
            var header = BinaryPrimitives.ReadUInt64LittleEndian(first);
            if (header > (ulong)Safetensors.MaxHeader || header > (ulong)(length - 8))
                throw new CheckpointException(path, $"is not a safetensors file, or is cut off: its first 8 bytes say a header "
                    + $"of {header} bytes; the file has {length} bytes, and {Safetensors.MaxHeader} are the most allowed");
            data = 8 + (long)header;
            (Tensors, Metadata) = SafetensorsHeader.Parse(path, ReadAt(8, (int)header), length - data);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public string Name { get; }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="CheckpointException">There is none, or it has another type or shape.</exception>
    public TensorEntry Require(string name, string type, IReadOnlyList<long> shape)
    {
        var found = Tensors.FirstOrDefault(t => t.Declaration.Name == name)
            ?? throw new CheckpointException(Name, $"has no tensor \"{name}\"");
        if (found.Declaration.Type != type || !found.Declaration.Shape.SequenceEqual(shape))
            throw new CheckpointException(
                Name, $"tensor \"{name}\" is {found.Declaration.Type} [{string.Join(", ", found.Declaration.Shape)}]; "
                + $"expected {type} [{string.Join(", ", shape)}]");
        return found;
    }

    /// <summary>Metadata of this key.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public string RequireMetadata(string key) =>
        Metadata.TryGetValue(key, out var value) ? value : throw new CheckpointException(Name, $"has no metadata \"{key}\"");

    /// <summary>Bytes of the file.</summary>
    public long Length => RandomAccess.GetLength(handle);

    /// <summary>Compares metadata and data with the digest among the metadata, when there is one: a flipped bit must not become a
    /// weight.</summary>
    /// <exception cref="CheckpointException">They differ.</exception>
    public void Verify()
    {
        if (!Metadata.TryGetValue(Safetensors.Digest, out var expected))
            return;
        using var hash = Safetensors.BeginDigest(Metadata);
        var end = RandomAccess.GetLength(handle);
        for (var at = data; at < end; at += Block)
            hash.AppendData(ReadAt(at, (int)Math.Min(Block, end - at)));
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != expected)
            throw new CheckpointException(Name, "is damaged: its contents do not have the digest that they were written with");
    }

    /// <summary>Reads a tensor's data into memory of exactly its size.</summary>
    public void Read<T>(TensorEntry tensor, Span<T> destination)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(destination);
        if (bytes.Length != tensor.End - tensor.Begin)
            throw new CheckpointException(Name, $"tensor \"{tensor.Declaration.Name}\" has {tensor.End - tensor.Begin} bytes; "
                + $"{bytes.Length} are wanted");
        Fill(data + tensor.Begin, bytes);
    }

    /// <summary>Reads a piece of a tensor's data.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="offset">The first byte, counted from the tensor's first.</param>
    /// <param name="destination">The bytes that are wanted, all of them inside the tensor.</param>
    public void ReadPiece(TensorEntry tensor, long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > tensor.End - tensor.Begin - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset,
                $"{destination.Length} bytes must lie inside the {tensor.End - tensor.Begin} of \"{tensor.Declaration.Name}\"");
        Fill(data + tensor.Begin + offset, destination);
    }

    /// <summary>Copies bytes of the file as it is.</summary>
    /// <exception cref="CheckpointException">They are not all there.</exception>
    public void ReadBytes(long offset, Span<byte> destination) => Fill(offset, destination);

    public void Dispose() => handle.Dispose();

    byte[] ReadAt(long offset, int length)
    {
        var bytes = new byte[length];
        Fill(offset, bytes);
        return bytes;
    }

    void Fill(long offset, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(handle, bytes, offset);
            }
            catch (IOException e)
            {
                throw new CheckpointException(Name, $"cannot be read at byte {offset}: {e.Message}", e);
            }
            if (read == 0)
                throw new CheckpointException(Name, $"ends at byte {offset}, {bytes.Length} bytes early");
            offset += read;
            bytes = bytes[read..];
        }
    }
}
