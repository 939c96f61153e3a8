using System.Text.Json;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Parses a header and believes nothing: types, shapes, offsets, duplicates and lengths are checked against the
/// file.</summary>
static class SafetensorsHeader
{
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="header">The header's bytes.</param>
    /// <param name="dataLength">The bytes that follow the header.</param>
    public static (IReadOnlyList<TensorEntry> Tensors, IReadOnlyDictionary<string, string> Metadata) Parse(
        string file, ReadOnlyMemory<byte> header, long dataLength)
    {
        var tensors = new List<TensorEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(
                header, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            foreach (var field in Object(file, "the header", document.RootElement).EnumerateObject())
                if (field.Name == Safetensors.Metadata)
                    foreach (var text in Object(file, field.Name, field.Value).EnumerateObject())
                        metadata.Add(text.Name, text.Value.ValueKind == JsonValueKind.String
                            ? text.Value.GetString()! : throw Bad(file, $"metadata \"{text.Name}\" is not a text"));
                else
                    tensors.Add(Tensor(file, field.Name, Object(file, field.Name, field.Value)));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(file, $"the header is not JSON as the format wants it: {e.Message}", e);
        }

        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin != end)
                throw Bad(
                    file,
                    $"tensor \"{tensor.Declaration.Name}\" begins at {tensor.Begin}; expected {end}, where the last one ended");
            end = tensor.End;
        }
        return end == dataLength ? (tensors, metadata)
            : throw Bad(file, $"the header describes {end} bytes of data, the file has {dataLength}");
    }

    static TensorEntry Tensor(string file, string name, JsonElement element)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        foreach (var field in element.EnumerateObject())
            switch (field.Name)
            {
                case "dtype" when field.Value.ValueKind == JsonValueKind.String:
                    type = field.Value.GetString();
                    break;
                case "shape":
                    shape = Numbers(file, name, field);
                    break;
                case "data_offsets":
                    offsets = Numbers(file, name, field);
                    break;
                default:
                    throw Bad(file, $"tensor \"{name}\" has an unexpected \"{field.Name}\"");
            }
        if (type is null || shape is null || offsets is not { Length: 2 })
            throw Bad(file, $"tensor \"{name}\" lacks dtype, shape or two data_offsets");
        if (TensorType.Size(type) == 0)
            throw Bad(file, $"tensor \"{name}\" has the type \"{type}\", which the format does not have");
        var declaration = new TensorDeclaration(name, type, shape);
        long length;
        try
        {
            length = declaration.Length;
        }
        catch (OverflowException e)
        {
            throw new CheckpointException(
                file, $"tensor \"{name}\" has a shape beyond every file: [{string.Join(", ", shape)}]", e);
        }
        if (offsets[1] < offsets[0] || offsets[1] - offsets[0] != length)
            throw Bad(file, $"tensor \"{name}\", {type} [{string.Join(", ", shape)}], needs {length} bytes; "
                + $"its offsets are {offsets[0]} to {offsets[1]}");
        return new TensorEntry(declaration, offsets[0], offsets[1]);
    }

    static JsonElement Object(string file, string name, JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element : throw Bad(file, $"{name} is not a JSON object");

    static long[] Numbers(string file, string name, JsonProperty field)
    {
        if (field.Value.ValueKind != JsonValueKind.Array)
            throw Bad(file, $"tensor \"{name}\": \"{field.Name}\" is not a list");
        return [.. field.Value.EnumerateArray().Select(e =>
            e.ValueKind == JsonValueKind.Number && e.TryGetInt64(out var number) && number >= 0
                ? number : throw Bad(
                    file, $"tensor \"{name}\": \"{field.Name}\" holds something that is not a whole number from 0 on"))];
    }

    static CheckpointException Bad(string file, string reason) => new(file, reason);
}
