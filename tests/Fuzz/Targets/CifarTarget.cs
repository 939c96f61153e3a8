using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>A file of CIFAR-10's binary version, memory-mapped.</summary>
sealed class CifarTarget : Target
{
    const int Record = 3073;

    readonly Scratch scratch = new();

    public override string Name => "cifar10";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Good(1), Good(2)];

    public override int Longest => 3 * Record;

    /// <summary>A whole number of records.</summary>
    public override byte[] Repair(byte[] input, FuzzRandom random)
    {
        var repaired = new byte[Math.Max(1, input.Length / Record) * Record];
        input.AsSpan(0, Math.Min(input.Length, repaired.Length)).CopyTo(repaired);
        return repaired;
    }

    public override string Run(ReadOnlyMemory<byte> input)
    {
        scratch.Write("batch.bin", input.Span);
        try
        {
            using var part = new CifarSplit([scratch.File("batch.bin")], null);
            Must(part.Count * Record == input.Length, $"{part.Count} records");
            Batch batch = part.Read([0, part.Count - 1]);
            Must(batch.Targets.All(label => label is >= 0 and <= 9), "a label beyond the classes");
            return Accepted;
        }
        catch (DataException)
        {
            return "refused";
        }
    }

    public override void Dispose() => scratch.Dispose();

    static byte[] Good(int records)
    {
        var bytes = new byte[records * Record];
        for (int at = 0; at < bytes.Length; at++)
            bytes[at] = (byte)(at % Record == 0 ? at % 10 : at);
        return bytes;
    }
}
