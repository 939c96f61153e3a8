using Microsoft.ML.Tokenizers;

namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>The byte-pair tokenizer of GPT-2.</summary>
sealed class Gpt2Tokenizer
{
    /// <summary>The number of its tokens.</summary>
    public const int Vocabulary = 50257;

    /// <summary>The same, padded to a multiple of 64 as nanoGPT pads it; the tokens beyond <see cref="Vocabulary"/> stand for
    /// nothing.</summary>
    public const int PaddedVocabulary = 50304;

    /// <summary>The token between two texts; a text may also spell it as <c>&lt;|endoftext|&gt;</c>.</summary>
    public const int EndOfText = 50256;

    readonly TiktokenTokenizer tokenizer = TiktokenTokenizer.CreateForModel("gpt2");

    public IReadOnlyList<int> Encode(ReadOnlySpan<char> text) => tokenizer.EncodeToIds(text);

    /// <summary>The text of some tokens. Bytes that are no whole character become U+FFFD.</summary>
    public string Decode(IEnumerable<int> tokens) => tokenizer.Decode(tokens);
}
