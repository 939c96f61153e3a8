using System.Text.Json;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>Parses the JSON text of a file of settings. Comments and trailing commas are allowed.</summary>
static class SettingsDocument
{
    const int MaxBytes = 16 << 20;

    static readonly JsonDocumentOptions options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 32,
    };

    /// <summary>Reads and parses a file of at most 16 MiB.</summary>
    /// <exception cref="SettingsException">The file cannot be read, or <see cref="Parse"/> refuses it.</exception>
    public static JsonElement Read(string file)
    {
        try
        {
            if (Directory.Exists(file))
                throw new SettingsException(file, "", "is a folder; allowed is a file");
            if (new FileInfo(file) is { Exists: true, Length: > MaxBytes } info)
                throw new SettingsException(file, "", $"{info.Length} bytes; allowed are at most {MaxBytes}");
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SettingsException(file, "", "there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SettingsException(file, "", $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Parses a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What errors call it, usually the file's name.</param>
    /// <exception cref="SettingsException">The text is not JSON; the message has line and column.</exception>
    public static JsonElement Parse(string json, string source)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, options);
            Unescape(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (InvalidOperationException e)
        {
            throw new SettingsException(
                source, "", "a text in it is not Unicode (half a surrogate pair, or bytes that are not UTF-8)", e);
        }
        catch (JsonException e)
        {
            throw new SettingsException(source, "",
                $"not JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: {FirstSentence(e.Message)}", e);
        }
    }

    /// <summary>Texts are unescaped when they are asked for; this finds those that cannot be while the file as a whole is
    /// judged.</summary>
    static void Unescape(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var entry in element.EnumerateArray())
                    Unescape(entry);
                break;
            case JsonValueKind.Object:
                foreach (var field in element.EnumerateObject())
                {
                    _ = field.Name;
                    Unescape(field.Value);
                }
                break;
            default:
                break;
        }
    }

    static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
