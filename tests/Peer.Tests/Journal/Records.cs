using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Tests.Journal;

/// <summary>Records of chance, each chained to the one before it.</summary>
static class Records
{
    public const int Parameters = 200;

    /// <summary>The chain's digest after step 0.</summary>
    public static readonly Digest Start = Digest.Of([1, 2, 3]);

    /// <summary>The records of steps 1 … count.</summary>
    /// <param name="count">How many.</param>
    /// <param name="salt">Another number, another chain.</param>
    public static StepRecord[] Chain(int count, int salt = 0)
    {
        var records = new StepRecord[count];
        for (var at = 0; at < count; at++)
            records[at] = After(at, at == 0 ? Start : records[at - 1].Digest, salt);
        return records;
    }

    /// <summary>A record of the step after one.</summary>
    public static StepRecord After(long step, Digest chain, int salt = 0)
    {
        var random = new Random((int)step + 1000 * salt);
        var signs = new ulong[BitPlanes.Words(Parameters)];
        var zeros = step % 2 == 0 ? new ulong[signs.Length] : null;
        for (var word = 0; word < signs.Length; word++)
        {
            signs[word] = (ulong)random.NextInt64();
            if (zeros is not null)
                zeros[word] = (ulong)random.NextInt64() & ~signs[word];
        }
        signs[^1] &= BitPlanes.TailMask(Parameters);
        if (zeros is not null)
            zeros[^1] &= BitPlanes.TailMask(Parameters);
        return new StepRecord(step + 1, 1, 7, PeerSet.Of(0, 1, 2), PeerSet.Of(0, 2), [(uint)step, 7],
            BitConverter.SingleToUInt32Bits(0.01f), BitConverter.SingleToUInt32Bits(0.1f), [new Aggregate(signs, zeros)], default)
            .WithDigestAfter(chain);
    }
}
