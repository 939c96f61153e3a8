using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>A file of bytes or of tokens, memory-mapped.</summary>
sealed class TokensTarget(bool isText) : Target
{
    const int Context = 4, Vocabulary = 300;

    readonly Scratch scratch = new();

    public override string Name => isText ? "text" : "tokens";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Good(200), Good(100)];

    public override long MostAllocated(int length) => (64 << 10) + 256L * length;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        scratch.Write("data", input.Span);
        try
        {
            string path = scratch.File("data");
            using TokenDataset data = isText ? TokenDataset.Text(path, Context) : TokenDataset.Tokens(path, Context, Vocabulary);
            foreach (IDataSplit split in (IDataSplit[])[data.Train, data.Test])
            {
                long[] samples = [.. Enumerable.Range(0, (int)Math.Min(split.Count, 200)), split.Count - 1];
                Batch batch = split.Read(samples);
                Must(batch.Tokens!.Concat(batch.Targets).All(token => token >= 0 && token < data.Classes),
                    "a token beyond the vocabulary");
            }
            Must(data.Digest.Length == 32, "no digest");
            return Accepted;
        }
        catch (DataException)
        {
            return "refused";
        }
    }

    public override void Dispose() => scratch.Dispose();

    static byte[] Good(int length)
    {
        var bytes = new byte[length];
        for (int at = 0; at < length; at++)
            bytes[at] = (byte)(at % 2 == 0 ? at : at % 4 == 1 ? 1 : 0); // as tokens: below 512
        for (int at = 1; at < length; at += 2)
            bytes[at] = (byte)(bytes[at - 1] < 44 ? bytes[at] : 0); // below the vocabulary
        return bytes;
    }
}
