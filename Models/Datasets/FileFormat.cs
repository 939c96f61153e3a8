using System.Buffers.Binary;
using System.Text;

namespace DecentralizedLion.Models.Datasets;

/// <summary>A format that files are often found in where another one is expected, recognised by its first bytes.</summary>
/// <param name="Name">Its name, with an article.</param>
/// <param name="Remedy">The thing to do about such a file.</param>
sealed record FileFormat(string Name, string Remedy)
{
    /// <summary>So many bytes of a file's beginning are enough.</summary>
    public const int Start = 4096;

    const string Again = "download it again, and look at what the address really gives";
    const string ByNumPy = "write the tokens alone, as numpy.asarray(tokens).astype('<u2').tofile('train.bin') does";
    const int TextMin = 64;

    /// <summary>The format of a file that is packed with gzip.</summary>
    public static FileFormat Gzip { get; } = new("packed with gzip", "unpack it first, with gunzip");

    /// <summary>The format of a file with this beginning; null when it is none of these.</summary>
    /// <param name="start">The first <see cref="Start"/> bytes, or all of a shorter file.</param>
    /// <param name="length">Of the file.</param>
    public static FileFormat? Of(ReadOnlySpan<byte> start, long length) =>
        Packed(start) ?? OfArrays(start, length) ?? OfPages(start);

    /// <summary>The same, or a plain text: where the file should hold numbers.</summary>
    public static FileFormat? OrText(ReadOnlySpan<byte> start, long length) => Of(start, length)
        ?? (start.Length >= TextMin && IsText(start)
            ? new("a plain text", "data.kind \"text\" trains on the bytes of a text; tokens are made of it by a tokenizer")
            : null);

    /// <summary>The format of a file whose bytes are no text that anybody means to train on; a page, a program's source or JSON
    /// may be one.</summary>
    public static FileFormat? NoText(ReadOnlySpan<byte> start)
    {
        if (Packed(start) is { } packed)
            return packed;
        if (start.StartsWith("%PDF-"u8))
            return new("a PDF document", "take the text out, as pdftotext does");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return new("a text in UTF-16", "write it in UTF-8, as iconv -f UTF-16 -t UTF-8 does");
        return OfLfs(start);
    }

    static FileFormat? OfLfs(ReadOnlySpan<byte> start) => Begins(start, "version https://git-lfs.github.com/spec/")
        ? new("a pointer of Git LFS, not the file itself", "fetch the file with git lfs pull") : null;

    static FileFormat? Packed(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]) && start.Length >= 18 && start[3] < 0x20)
            return Gzip;
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]))
            return new("packed with zstd", "unpack it first, with zstd -d");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return new("packed with xz", "unpack it first, with xz -d");
        if (start.StartsWith("BZh"u8) && start.Length > 10 && start[4..].StartsWith("1AY&SY"u8))
            return new("packed with bzip2", "unpack it first, with bunzip2");
        if (!start.StartsWith("PK\x03\x04"u8) || start.Length < 30)
            return null;
        var name = start[30..];
        name = name[..Math.Min(name.Length, BinaryPrimitives.ReadUInt16LittleEndian(start[26..]))];
        return name.EndsWith(".npy"u8) ? new("a NumPy archive (.npz)", ByNumPy)
            : name.EndsWith("/data.pkl"u8) ? new("a PyTorch file (.pt)",
                "write the tokens alone, as tensor.numpy().astype('<u2').tofile('train.bin') does")
            : new("a zip archive", "unpack it first, with unzip");
    }

    static FileFormat? OfArrays(ReadOnlySpan<byte> start, long length)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']))
            return new($"a NumPy array (.npy{OfNumPy(start)})", ByNumPy);
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10]))
            return new("an HDF5 file", ByNumPy);
        if (start.StartsWith("PAR1"u8) || start.StartsWith("ARROW1"u8))
            return new("a table (Parquet or Arrow)", ByNumPy);
        if (start.StartsWith("MMIDIDX\0"u8))
            return new("the index of Megatron's tokens", "give the .bin file beside it");
        // Python's pickles: of old versions of PyTorch, and those whose first frame says how long it is.
        if (start.StartsWith((ReadOnlySpan<byte>)[0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20])
            || (start.Length > 11 && start[0] == 0x80 && start[1] is 4 or 5 && start[2] == 0x95
                && BinaryPrimitives.ReadUInt64LittleEndian(start[3..]) <= (ulong)length))
            return new("a Python pickle", ByNumPy);
        if (start.Length > 10 && start[8] == '{' && start[9] == '"'
            && BinaryPrimitives.ReadUInt64LittleEndian(start) <= (ulong)length - 8)
            return new("a safetensors file", ByNumPy);
        return start.Length >= 12 && length > 1024 && BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) < 64
            ? BinaryPrimitives.ReadUInt32LittleEndian(start) switch
            {
                20240520 => new("a token file of llm.c, with a header of 1024 bytes before the tokens",
                    "cut the header off, as tail -c +1025 FILE > train.bin does"),
                20240801 => new("a token file of llm.c for Llama 3, of 32-bit tokens",
                    "such a vocabulary does not fit into 16 bits; make the tokens with a tokenizer of at most 65536"),
                _ => null,
            }
            : null;
    }

    static FileFormat? OfPages(ReadOnlySpan<byte> start)
    {
        start = start.TrimStart("\uFEFF \t\r\n"u8);
        if (Begins(start, "<!doctype html") || Begins(start, "<html") || Begins(start, "<head"))
            return new("an HTML page", Again);
        if (Begins(start, "<?xml"))
            return new("an XML text", Again);
        if (OfLfs(start) is { } pointer)
            return pointer;
        return start.Length >= 2 && IsText(start)
            && (start[0] == '{' && start[1..].TrimStart(" \t\r\n"u8) is [(byte)'"' or (byte)'}', ..]
                || start[0] == '[' && start[1..].TrimStart(" \t\r\n"u8) is
                    [(byte)'"' or (byte)'{' or (byte)'[' or (byte)'-' or (byte)']' or (>= (byte)'0' and <= (byte)'9'), ..])
            ? new("a JSON text", $"write the tokens alone, or {Again}") : null;
    }

    /// <summary>The type and shape in a NumPy array's header, as far as it can be read.</summary>
    static string OfNumPy(ReadOnlySpan<byte> start)
    {
        var open = start.IndexOf((byte)'{');
        var close = start.IndexOf((byte)'}');
        var header = open > 0 && close > open && close - open < 200 ? start[(open + 1)..close] : [];
        return header.ContainsAnyExceptInRange((byte)' ', (byte)'~') || header.IsEmpty
            ? "" : ": " + Encoding.ASCII.GetString(header).Trim(' ', ',');
    }

    static bool Begins(ReadOnlySpan<byte> start, string text) =>
        start.Length >= text.Length && Ascii.EqualsIgnoreCase(start[..text.Length], text);

    /// <summary>UTF-8 without control characters, up to a character that the end may cut.</summary>
    static bool IsText(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
                return bytes.Length < 4;
            if (status != System.Buffers.OperationStatus.Done || (rune.Value < ' ' && rune.Value is not (9 or 10 or 12 or 13)))
                return false;
            bytes = bytes[length..];
        }
        return true;
    }
}
