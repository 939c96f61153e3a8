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
/// <param name="View">The number of the view it was decided in.</param>
/// <param name="Lineage">The founding that its chain goes back to; another one than the record before it: a person refounded the ring here.</param>
/// <param name="Members">The view's members; the next step's samples are shared out among them.</param>
/// <param name="Voters">Whose ballots were counted.</param>
/// <param name="LossBits">Their losses as float bits, in the order of their roster indices.</param>
/// <param name="LearningRateBits">lr as float bits.</param>
/// <param name="WeightDecayBits">λ as float bits.</param>
/// <param name="Parameters">Length of the verdict, in parameters.</param>
/// <param name="Signs">The verdict: 1 = +1. Valid until two more steps were voted on.</param>
/// <param name="Zeros">Where the verdict is zero, or null: nowhere. Valid as long as the signs.</param>
/// <param name="Digest">SHA-256 of the digest before it and of <see cref="Write"/>'s bytes.</param>
public sealed record StepRecord(long Step, int View, ulong Lineage, VoterSet Members, VoterSet Voters, uint[] LossBits, uint LearningRateBits,
    uint WeightDecayBits, int Parameters, ulong[] Signs, ulong[]? Zeros, ChainDigest Digest)
{
    /// <summary>The format of <see cref="Write"/>.</summary>
    public const int Version = 1;

    const int Fields = 11;

    /// <summary>What came out of each part of the step.</summary>
    public IReadOnlyList<Outcome> Parts { get => field ?? [new(Signs, Zeros)]; init; }

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

    /// <summary>Writes the record without its digest: a MessagePack array of eleven, then the verdict's planes as little-endian words.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(Version);
        writer.Write(Step);
        writer.Write(View);
        writer.Write(Lineage);
        writer.Write(Indices(Members));
        writer.Write(Indices(Voters));
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

    /// <summary>Reads what <see cref="Write"/> wrote; nothing is allocated before its size is known to fit.</summary>
    /// <param name="bytes">One record, no more and no less.</param>
    /// <param name="parameters">The model's length, in parameters.</param>
    /// <param name="digest">The digest stored beside it.</param>
    /// <returns>The record, or null when the bytes are not one of this model.</returns>
    public static StepRecord? TryRead(ReadOnlyMemory<byte> bytes, int parameters, ChainDigest digest)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() != Fields || reader.ReadInt32() != Version)
                return null;
            long step = reader.ReadInt64();
            int view = reader.ReadInt32();
            ulong lineage = reader.ReadUInt64();
            if (reader.ReadBytes() is not { Length: <= VoterSet.Capacity } members
                || !VoterSet.TryRead(members.ToArray(), out VoterSet inView)
                || reader.ReadBytes() is not { Length: <= VoterSet.Capacity } indices
                || !VoterSet.TryRead(indices.ToArray(), out VoterSet voters) || !voters.IsSubsetOf(inView)
                || reader.ReadBytes() is not { } losses || losses.Length != voters.Count * sizeof(uint))
                return null;
            uint learningRate = reader.ReadUInt32(), weightDecay = reader.ReadUInt32();
            int length = reader.ReadInt32(), planes = reader.ReadInt32();
            int plane = BitPlanes.Words(parameters) * sizeof(ulong);
            ReadOnlySpan<byte> rest = bytes.Span[(int)reader.Consumed..];
            if (step < 1 || view < 0 || length != parameters || planes is not (1 or 2) || rest.Length != (long)planes * plane)
                return null;
            ReadOnlySpan<ulong> signs = MemoryMarshal.Cast<byte, ulong>(rest[..plane]), zeros = MemoryMarshal.Cast<byte, ulong>(rest[plane..]);
            if (!AreVerdict(signs, zeros, BitPlanes.TailMask(parameters)))
                return null;
            return new StepRecord(step, view, lineage, inView, voters, MemoryMarshal.Cast<byte, uint>(losses.ToArray()).ToArray(), learningRate,
                weightDecay, parameters, signs.ToArray(),
                planes == 1 ? null : zeros.ToArray(), digest);
        }
        catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Notes this verdict as "the previous one", where it was not zero.</summary>
    /// <param name="previous">The previous verdict's signs, as many words as <see cref="Signs"/>.</param>
    public void RememberIn(Span<ulong> previous)
    {
        if (Zeros is null)
        {
            Signs.CopyTo(previous);
            return;
        }
        for (int word = 0; word < previous.Length; word++)
            previous[word] = (previous[word] & Zeros[word]) | Signs[word];
    }

    /// <summary>Nothing lies beyond the last parameter, and none is +1 and zero at once: no ring decides such a verdict.</summary>
    static bool AreVerdict(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, ulong tail)
    {
        ulong wrong = signs.IsEmpty ? 0 : signs[^1] & ~tail;
        if (!zeros.IsEmpty)
            wrong |= zeros[^1] & ~tail;
        for (int word = 0; word < zeros.Length; word++)
            wrong |= signs[word] & zeros[word];
        return wrong == 0;
    }

    static byte[] Indices(VoterSet set)
    {
        var indices = new byte[set.Count];
        set.CopyTo(indices);
        return indices;
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
