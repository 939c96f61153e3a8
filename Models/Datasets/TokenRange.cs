using System.Buffers.Binary;

namespace DecentralizedLion.Models.Datasets;

/// <summary>A run of tokens in a mapped file, each of 1 byte or of 2 (little-endian), all below the vocabulary.</summary>
sealed class TokenRange(MappedFile file, int tokenBytes, long first, long length, int vocabulary)
{
    /// <summary>The number of tokens.</summary>
    public long Length => length;

    public string Path => file.Path;

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
            {
                throw new DataException(
                    $"{file.Path}: token {first + offset + i} is {token}; expected 0 to {vocabulary - 1} "
                    + $"(data.vocabulary is {vocabulary})");
            }
            tokens[i] = token;
        }
    }
}
