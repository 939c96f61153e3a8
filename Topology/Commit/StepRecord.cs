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
/// <param name="Parts">What came out of each part of the step. Valid until two more steps were voted on.</param>
/// <param name="Digest">SHA-256 of the digest before it and of <see cref="Write"/>'s bytes.</param>
public sealed record StepRecord(long Step, int View, ulong Lineage, VoterSet Members, VoterSet Voters, uint[] LossBits, uint LearningRateBits,
    uint WeightDecayBits, Outcome[] Parts, ChainDigest Digest)
{
    /// <summary>The format of <see cref="Write"/>.</summary>
    public const int Version = 2;

    const int Fields = 10;

    // What is before and behind the planes for 256 members, and then some.
    const int MostAround = 4096;

    /// <summary>A vote's verdict: 1 = +1.</summary>
    public ulong[] Signs => Parts[0].Planes;

    /// <summary>Where a vote's verdict is zero, or null: nowhere.</summary>
    public ulong[]? Zeros => Parts[0].Zeros;

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

    /// <summary>No record of such a step is longer, in bytes as <see cref="Write"/> writes it with its digest.</summary>
    /// <param name="parts">What the step carries.</param>
    /// <param name="members">At most so many vote.</param>
    public static long Longest(IReadOnlyList<StepPart> parts, int members) =>
        parts.Sum(part => Words(part, members) + (long)part.Reduction.OutcomeZeroPlanes(members) * part.Words) * sizeof(ulong) + MostAround;

    /// <summary>The bytes of all planes of such a step's record, where nothing is zero.</summary>
    /// <param name="parts">What the step carries.</param>
    /// <param name="voters">So many vote.</param>
    public static long Planes(IReadOnlyList<StepPart> parts, int voters) => parts.Sum(part => Words(part, voters)) * sizeof(ulong);

    /// <summary>
    /// Writes the record without its digest: a MessagePack array of ten, of which the last is an array with the words of each part's planes
    /// and of its zeros; then all those as little-endian words.
    /// </summary>
    public void Write(IBufferWriter<byte> output)
    {
        WriteHeader(output);
        foreach (Outcome part in Parts)
        {
            output.Write(MemoryMarshal.AsBytes<ulong>(part.Planes));
            output.Write(MemoryMarshal.AsBytes<ulong>(part.Zeros));
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; nothing is allocated before its size is known to fit.</summary>
    /// <param name="bytes">One record, no more and no less.</param>
    /// <param name="parts">What a step carries; asked for any step from 1 on.</param>
    /// <param name="digest">The digest stored beside it.</param>
    /// <returns>The record, or null when the bytes are not one of such a step.</returns>
    public static StepRecord? TryRead(ReadOnlyMemory<byte> bytes, Func<long, IReadOnlyList<StepPart>> parts, ChainDigest digest)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() != Fields || reader.ReadInt32() != Version)
                return null;
            long step = reader.ReadInt64();
            int view = reader.ReadInt32();
            ulong lineage = reader.ReadUInt64();
            if (step < 1 || view < 0
                || reader.ReadBinary() is not { Length: <= VoterSet.Capacity } members
                || !VoterSet.TryRead(members.ToArray(), out VoterSet inView)
                || reader.ReadBinary() is not { Length: <= VoterSet.Capacity } indices
                || !VoterSet.TryRead(indices.ToArray(), out VoterSet voters) || !voters.IsSubsetOf(inView)
                || reader.ReadBinary() is not { } losses || losses.Length != voters.Count * sizeof(uint))
                return null;
            uint learningRate = reader.ReadUInt32(), weightDecay = reader.ReadUInt32();
            return ReadParts(ref reader, bytes.Span, parts(step), voters.Count) is { } outcomes
                ? new StepRecord(step, view, lineage, inView, voters, MemoryMarshal.Cast<byte, uint>(losses.ToArray()).ToArray(), learningRate,
                    weightDecay, outcomes, digest)
                : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }

    /// <summary>Notes a vote's verdict as "the previous one", where it was not zero.</summary>
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

    /// <summary>The same record with planes of its own, which last.</summary>
    public StepRecord Copy() => this with { Parts = [.. Parts.Select(part => new Outcome([.. part.Planes], part.Zeros?.ToArray()))] };

    /// <summary>The same record with the digest that follows from the one before it.</summary>
    public StepRecord ChainedTo(ChainDigest previous)
    {
        var header = new ArrayBufferWriter<byte>(128);
        WriteHeader(header);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous.Bytes.Span);
        hash.AppendData(header.WrittenSpan);
        foreach (Outcome part in Parts)
        {
            hash.AppendData(MemoryMarshal.AsBytes<ulong>(part.Planes));
            hash.AppendData(MemoryMarshal.AsBytes<ulong>(part.Zeros));
        }
        return this with { Digest = new ChainDigest(hash.GetHashAndReset()) };
    }

    void WriteHeader(IBufferWriter<byte> output)
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
        writer.WriteArrayHeader(2 * Parts.Length);
        foreach (Outcome part in Parts)
        {
            writer.Write(part.Planes.Length);
            writer.Write(part.Zeros?.Length ?? 0);
        }
        writer.Flush();
    }

    /// <summary>What no ring decides is no outcome.</summary>
    static Outcome[]? ReadParts(ref MessagePackReader reader, ReadOnlySpan<byte> bytes, IReadOnlyList<StepPart> parts, int voters)
    {
        if (reader.ReadArrayHeader() != 2 * parts.Count)
            return null;
        Span<int> zeros = stackalloc int[parts.Count];
        long length = 0;
        for (int index = 0; index < parts.Count; index++)
        {
            StepPart part = parts[index];
            if (reader.ReadInt32() != Words(part, voters))
                return null;
            zeros[index] = reader.ReadInt32();
            if (zeros[index] != 0 && zeros[index] != (long)part.Reduction.OutcomeZeroPlanes(voters) * part.Words)
                return null;
            length += Words(part, voters) + zeros[index];
        }
        bytes = bytes[(int)reader.Consumed..];
        if (bytes.Length != length * sizeof(ulong))
            return null;
        ReadOnlySpan<ulong> rest = MemoryMarshal.Cast<byte, ulong>(bytes);
        var outcomes = new Outcome[parts.Count];
        for (int index = 0; index < outcomes.Length; index++)
        {
            int words = (int)Words(parts[index], voters);
            ReadOnlySpan<ulong> planes = rest[..words], none = rest.Slice(words, zeros[index]);
            rest = rest[(words + zeros[index])..];
            if (!parts[index].Reduction.CanBeOutcome(new Sum(planes, none, voters), parts[index].TailMask))
                return null;
            outcomes[index] = new Outcome(planes.ToArray(), none.IsEmpty ? null : none.ToArray());
        }
        return outcomes;
    }

    static long Words(StepPart part, int voters) => (long)part.Reduction.OutcomePlanes(voters) * part.Words;

    static byte[] Indices(VoterSet set)
    {
        var indices = new byte[set.Count];
        set.CopyTo(indices);
        return indices;
    }
}
