using System.Buffers.Binary;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>Writes tokens of 16 bits, little-endian, as nanoGPT's prepare.py does. The file has its name when it is
/// whole.</summary>
sealed class TokenWriter(string path) : IDisposable
{
    readonly AtomicFile file = new(path);

    /// <summary>The number of tokens written.</summary>
    public long Count { get; private set; }

    public void Write(IReadOnlyList<int> tokens)
    {
        var bytes = new byte[2 * tokens.Count];
        for (var i = 0; i < tokens.Count; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), checked((ushort)tokens[i]));
        file.Write(bytes);
        Count += tokens.Count;
    }

    /// <summary>Gives the file its name.</summary>
    public void Commit() => file.Commit();

    /// <summary>Throws away what was not committed.</summary>
    public void Dispose() => file.Dispose();
}
