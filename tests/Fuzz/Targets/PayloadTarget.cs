namespace DecentralizedLion.Fuzz.Targets;

/// <summary>A payload that is decoded as a whole or not at all.</summary>
/// <param name="name">Its name.</param>
/// <param name="seeds">Good ones.</param>
/// <param name="rewrite">Decodes one and encodes what came of it; null: it was refused.</param>
sealed class PayloadTarget(string name, IReadOnlyList<byte[]> seeds, Func<ReadOnlyMemory<byte>, byte[]?> rewrite) : Target
{
    public override string Name => name;

    public override IReadOnlyList<byte[]> Seeds => seeds;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        if (rewrite(input) is not { } written)
            return "refused";
        byte[]? again = rewrite(written);
        Must(again is not null && again.AsSpan().SequenceEqual(written), "written and read again it is another, or refused");
        return Accepted;
    }
}
