using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DecentralizedLion.Codecs;
using MessagePack;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// What the ring decided in one step, the same on every member (section 6, Journal). Its digest chains it to all steps before.
/// </summary>
/// <param name="Step">The step's number, from 1.</param>
/// <param name="View">The view it was decided in.</param>
/// <param name="Voters">Whose ballots were counted.</param>
/// <param name="LossBits">Their losses as float bits, in the order of their roster indices.</param>
/// <param name="LearningRateBits">lr as float bits.</param>
/// <param name="WeightDecayBits">λ as float bits.</param>
/// <param name="Parameters">Length of the verdict, in parameters.</param>
/// <param name="Signs">The verdict: 1 = +1. Valid until two more steps were voted on.</param>
/// <param name="Zeros">Where the verdict is zero, or null: nowhere. Valid as long as the signs.</param>
/// <param name="Digest">SHA-256 of the digest before it and of <see cref="Write"/>'s bytes.</param>
public sealed record StepRecord(long Step, int View, VoterSet Voters, uint[] LossBits, uint LearningRateBits,
    uint WeightDecayBits, int Parameters, ulong[] Signs, ulong[]? Zeros, ChainDigest Digest)
{
    /// <summary>The format of <see cref="Write"/>.</summary>
    public const int Version = 1;

    /// <summary>The step's learning rate.</summary>
    public float LearningRate => BitConverter.UInt32BitsToSingle(LearningRateBits);

    /// <summary>The step's weight decay λ.</summary>
    public float WeightDecay => BitConverter.UInt32BitsToSingle(WeightDecayBits);

    /// <summary>The mean loss of the voters; NaN when nobody voted.</summary>
    public double MeanLoss
    {
        get
        {
            double sum = 0;
            foreach (uint bits in LossBits)
                sum += BitConverter.UInt32BitsToSingle(bits);
            return sum / LossBits.Length;
        }
    }

    /// <summary>Writes the record without its digest: a MessagePack array of nine, then the verdict's planes as little-endian words.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(9);
        writer.Write(Version);
        writer.Write(Step);
        writer.Write(View);
        var members = new byte[Voters.Count];
        Voters.CopyTo(members);
        writer.Write(members);
        writer.Write(MemoryMarshal.AsBytes<uint>(LossBits));
        writer.Write(LearningRateBits);
        writer.Write(WeightDecayBits);
        writer.Write(Parameters);
        writer.Write(Zeros is null ? 1 : 2);
        writer.Flush();
        output.Write(MemoryMarshal.AsBytes<ulong>(Signs));
        if (Zeros is not null)
            output.Write(MemoryMarshal.AsBytes<ulong>(Zeros));
    }

    /// <summary>The same record with the digest that follows from the one before it.</summary>
    public StepRecord ChainedTo(ChainDigest previous)
    {
        var header = new ArrayBufferWriter<byte>(128);
        (this with { Signs = [], Zeros = Zeros is null ? null : [] }).Write(header);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous.Bytes.Span);
        hash.AppendData(header.WrittenSpan);
        hash.AppendData(MemoryMarshal.AsBytes<ulong>(Signs));
        if (Zeros is not null)
            hash.AppendData(MemoryMarshal.AsBytes<ulong>(Zeros));
        return this with { Digest = new ChainDigest(hash.GetHashAndReset()) };
    }
}
