using System.Text;
using DecentralizedLion.Peer.Cli.Tokenize;

namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Texts in GPT-2's tokens, of which several may make one character.</summary>
sealed class Gpt2Text : ITokenText
{
    /// <summary>The most bytes of a character in UTF-8, each of which may be a token.</summary>
    const int PendingMax = 4;

    readonly Gpt2Tokenizer tokenizer = new();
    readonly List<int> pending = [];

    public int Count => Gpt2Tokenizer.Vocabulary;

    public IReadOnlyList<int> Encode(string text) => tokenizer.Encode(text);

    public byte[] Decode(int token)
    {
        pending.Add(token);
        var text = tokenizer.Decode(pending);
        if (text.EndsWith('\uFFFD') && pending.Count < PendingMax)
            return [];
        pending.Clear();
        return Encoding.UTF8.GetBytes(text);
    }
}
