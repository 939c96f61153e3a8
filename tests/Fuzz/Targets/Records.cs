using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>Records of chance, each chained to the one before it.</summary>
static class Records
{
    /// <summary>The model's length.</summary>
    public const int Parameters = 200;

    /// <summary>The records of steps 1 … count of one chain, which begins with zeros.</summary>
    public static StepRecord[] Chain(int count, int view = 1)
    {
        var records = new StepRecord[count];
        for (int at = 0; at < count; at++)
        {
            var signs = new ulong[BitPlanes.Words(Parameters)];
            ulong[]? zeros = at % 2 == 1 ? new ulong[signs.Length] : null;
            for (int word = 0; word < signs.Length; word++)
                signs[word] = Coin.Word(at + 1, word) & (word == signs.Length - 1 ? BitPlanes.TailMask(Parameters) : ulong.MaxValue);
            if (zeros is not null)
                (zeros[0], signs[0]) = (5, signs[0] & ~5UL);
            records[at] = new StepRecord(at + 1, view, 7, VoterSet.First(3), VoterSet.Of(0, 2), [(uint)at, 7], BitConverter.SingleToUInt32Bits(0.01f),
                BitConverter.SingleToUInt32Bits(0.1f), Parameters, signs, zeros, default).ChainedTo(at == 0 ? default : records[at - 1].Digest);
        }
        return records;
    }
}
