using System.Buffers.Binary;

namespace DecentralizedLion.Models.Datasets;

/// <summary>A run of tokens in a mapped file, each of 1 byte or of 2 (little-endian), all below the vocabulary.</summary>
sealed class TokenRange(MappedFile file, int tokenBytes, long first, long length, int vocabulary)
{
    /// <summary>The number of tokens.</summary>
    public long Length => length;

    public string Path => file.Path;

    /// <summary>True when the rest of the file is not in it.</summary>
    public bool IsPart => length * tokenBytes < file.Length;

    /// <summary>Reads tokens; one outside of the vocabulary is named with its place in the file.</summary>
    public void Read(long offset, Span<long> tokens)
    {
        if (offset < 0 || offset > length - tokens.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{tokens.Length} tokens must lie inside {length}");
        var bytes = file.Slice((first + offset) * tokenBytes, tokens.Length * tokenBytes);
        for (var i = 0; i < tokens.Length; i++)
        {
            var token = tokenBytes == 1 ? bytes[i] : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            if (token >= vocabulary)
                throw new DataException(TooLarge(file, first + offset + i, vocabulary));
            tokens[i] = token;
        }
    }

    /// <summary>The message about a 16-bit token that is outside of the vocabulary.</summary>
    public static string TooLarge(MappedFile file, long index, int vocabulary) =>
        $"{file.Path}: token {index} (at byte {sizeof(ushort) * index}) is "
        + $"{BinaryPrimitives.ReadUInt16LittleEndian(file.Slice(sizeof(ushort) * index, sizeof(ushort)))}; "
        + $"allowed is 0 to {vocabulary - 1} (data.vocabulary is {vocabulary})";
}
