using System.Text;

namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Each byte is a token.</summary>
sealed class ByteText : ITokenText
{
    public int Count => 256;

    public IReadOnlyList<int> Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(one => (int)one)];

    public byte[] Decode(int token) => [(byte)token];
}
