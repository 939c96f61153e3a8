namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Texts as tokens of a vocabulary, and back.</summary>
interface ITokenText
{
    /// <summary>The number of tokens that stand for something.</summary>
    int Count { get; }

    IReadOnlyList<int> Encode(string text);

    /// <summary>The bytes that can be written once a token has come; an unfinished character waits for the next.</summary>
    byte[] Decode(int token);
}
