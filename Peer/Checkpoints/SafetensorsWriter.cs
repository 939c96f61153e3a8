using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// Writes a safetensors file: 8 bytes little-endian header length, a JSON header padded with spaces to a multiple of 8, then the
/// tensors' little-endian data without gaps, in the order declared. The same content makes the same bytes.
/// </summary>
sealed class SafetensorsWriter : IDisposable
{
    readonly AtomicFile file;
    readonly string path;
    long missing;

    public SafetensorsWriter(
        string path, IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        this.path = path;
        var header = Header(path, tensors, metadata);
        missing = tensors.Sum(t => t.Length);
        file = new AtomicFile(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header);
    }

    /// <summary>The next data, in pieces of any size.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (data.Length > missing)
            throw new CheckpointException(path, $"{data.Length} bytes written where {missing} were declared");
        missing -= data.Length;
        file.Write(data);
    }

    /// <summary>Checks that everything declared was written, and waits until it is on the disk.</summary>
    public void Flush()
    {
        CheckWhole();
        file.Flush();
    }

    /// <summary>Gives the file its name, once all of it is on the disk.</summary>
    public void Commit()
    {
        CheckWhole();
        file.Commit();
    }

    public void Dispose() => file.Dispose();

    void CheckWhole()
    {
        if (missing != 0)
            throw new CheckpointException(path, $"{missing} bytes declared but not written");
    }

    static byte[] Header(
        string path, IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(Safetensors.Metadata);
            foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
            var names = new HashSet<string>(StringComparer.Ordinal) { Safetensors.Metadata };
            long offset = 0;
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                    throw new CheckpointException(
                        path, $"the tensor \"{tensor.Name}\" is declared twice or has a name the format keeps");
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type);
                json.WriteStartArray("shape");
                foreach (var dimension in tensor.Shape)
                    json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += tensor.Length;
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var padded = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(padded);
        return padded;
    }
}
