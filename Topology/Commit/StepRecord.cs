using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;
using MessagePack;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// The record of one step, the same on every member (docs/protocol.md#i13). Its digest chains it to all steps before.
/// </summary>
/// <param name="Step">The step's number, from 1.</param>
/// <param name="View">The number of the view it was decided in.</param>
/// <param name="RunId">The run id that its chain goes back to; another one than the record before it: an operator forced a new
/// ring here.</param>
/// <param name="Members">The view's members; the next step's samples are shared out among them.</param>
/// <param name="Voters">Whose ballots were counted.</param>
/// <param name="LossBits">Their losses as float bits, in the order of their roster indices.</param>
/// <param name="LearningRateBits">lr as float bits.</param>
/// <param name="WeightDecayBits">λ as float bits.</param>
/// <param name="Buckets">What came out of each part of the step. Valid until two more steps were voted on.</param>
/// <param name="Digest">SHA-256 of the digest before it and of <see cref="Write"/>'s bytes.</param>
sealed record StepRecord(long Step, int View, ulong RunId, PeerSet Members, PeerSet Voters, uint[] LossBits,
    uint LearningRateBits, uint WeightDecayBits, Aggregate[] Buckets, Digest Digest)
{
    /// <summary>The format of <see cref="Write"/>.</summary>
    public const int Version = 3;

    const int Fields = 12;

    // What is before and behind the planes for 256 members, and then some.
    const int OverheadMax = 8192;

    /// <summary>The members' batches in this step, in the order of their roster indices, from which the weights of their ballots
    /// follow; empty where none are set.</summary>
    public int[] Batches { get; init; } = [];

    /// <summary>The members' batches in the next step; empty where none are set.</summary>
    public int[] NextBatches { get; init; } = [];

    /// <summary>The voters' ballots and votes.</summary>
    public VoteTotal Total => BallotWeights.Of([.. Members], Batches).TotalOf(Voters);

    /// <summary>The votes that the planes count (<see cref="VoteTotal.Counted"/>).</summary>
    public int Votes => Total.Counted;

    /// <summary>A vote's majority: 1 = +1.</summary>
    public ulong[] Signs => Buckets[0].Planes;

    /// <summary>The plane of the parameters whose majority is zero; null when there are none.</summary>
    public ulong[]? Zeros => Buckets[0].Zeros;

    /// <summary>The step's learning rate.</summary>
    public float LearningRate => BitConverter.UInt32BitsToSingle(LearningRateBits);

    /// <summary>The step's weight decay λ.</summary>
    public float WeightDecay => BitConverter.UInt32BitsToSingle(WeightDecayBits);

    /// <summary>The mean loss of the voters, by their batches; NaN when nobody voted.</summary>
    public double MeanLoss
    {
        get
        {
            double sum = 0, samples = 0;
            int rank = 0, next = 0;
            foreach (int member in Members)
            {
                double batch = Batches.Length == 0 ? 1 : Math.Max(1, Batches[rank]); // without samples it votes on its own
                rank++;
                if (!Voters.Contains(member))
                    continue;
                sum += batch * BitConverter.UInt32BitsToSingle(LossBits[next++]);
                samples += batch;
            }
            return sum / samples;
        }
    }

    /// <summary>No record of such a step is longer, in bytes as <see cref="Write"/> writes it with its digest.</summary>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="votes">At most so many votes count.</param>
    public static long LengthMax(IReadOnlyList<Bucket> buckets, int votes) =>
        buckets.Sum(bucket => Words(bucket, votes) + (long)bucket.Reduction.AggregateZeroPlanes(votes) * bucket.Words)
        * sizeof(ulong) + OverheadMax;

    /// <summary>The bytes of all planes of such a step's record, where nothing is zero.</summary>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="votes">So many votes count.</param>
    public static long PlaneBytes(IReadOnlyList<Bucket> buckets, int votes) =>
        buckets.Sum(bucket => Words(bucket, votes)) * sizeof(ulong);

    /// <summary>
    /// Writes the record without its digest: a MessagePack array of twelve, of which the last is an array with the words of each
    /// part's planes and of its zeros; then all those as little-endian words.
    /// </summary>
    public void Write(IBufferWriter<byte> output)
    {
        WriteHeader(output);
        foreach (Aggregate bucket in Buckets)
        {
            output.Write(MemoryMarshal.AsBytes<ulong>(bucket.Planes));
            output.Write(MemoryMarshal.AsBytes<ulong>(bucket.Zeros));
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; nothing is allocated before its size is known to fit.</summary>
    /// <param name="bytes">One record, no more and no less.</param>
    /// <param name="bucketsOf">What a step carries; asked for any step from 1 on.</param>
    /// <param name="digest">The digest stored beside it.</param>
    /// <returns>The record, or null when the bytes are not one of such a step.</returns>
    public static StepRecord? TryRead(ReadOnlyMemory<byte> bytes, Func<long, IReadOnlyList<Bucket>> bucketsOf, Digest digest)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() != Fields || reader.ReadInt32() != Version)
                return null;
            long step = reader.ReadInt64();
            int view = reader.ReadInt32();
            ulong runId = reader.ReadUInt64();
            if (step < 1 || view < 0
                || reader.ReadBinary() is not { Length: <= PeerSet.Capacity } members
                || !PeerSet.TryRead(members.ToArray(), out PeerSet inView)
                || reader.ReadBinary() is not { Length: <= PeerSet.Capacity } indices
                || !PeerSet.TryRead(indices.ToArray(), out PeerSet voters) || !voters.IsSubsetOf(inView)
                || reader.ReadBinary() is not { } losses || losses.Length != voters.Count * sizeof(uint))
                return null;
            uint learningRate = reader.ReadUInt32(), weightDecay = reader.ReadUInt32();
            if (ReadBatches(ref reader, inView.Count) is not { } batches
                || ReadBatches(ref reader, inView.Count) is not { } nextBatches || nextBatches.Length != batches.Length)
                return null;
            VoteTotal total = BallotWeights.Of([.. inView], batches).TotalOf(voters);
            return ReadBuckets(ref reader, bytes.Span, bucketsOf(step), total) is { } aggregates
                ? new StepRecord(step, view, runId, inView, voters,
                    MemoryMarshal.Cast<byte, uint>(losses.ToArray()).ToArray(), learningRate, weightDecay, aggregates, digest)
                {
                    Batches = batches,
                    NextBatches = nextBatches,
                }
                : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }

    /// <summary>Notes a vote's majority as "the previous one", where it was not zero.</summary>
    /// <param name="previous">The previous signs, as many words as <see cref="Signs"/>.</param>
    public void UpdatePreviousSigns(Span<ulong> previous)
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
    public StepRecord Copy() =>
        this with { Buckets = [.. Buckets.Select(bucket => new Aggregate([.. bucket.Planes], bucket.Zeros?.ToArray()))] };

    /// <summary>The same record with the digest that follows from the one before it.</summary>
    public StepRecord WithDigestAfter(Digest previous)
    {
        var header = new ArrayBufferWriter<byte>(128);
        WriteHeader(header);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous.Bytes);
        hash.AppendData(header.WrittenSpan);
        foreach (Aggregate bucket in Buckets)
        {
            hash.AppendData(MemoryMarshal.AsBytes<ulong>(bucket.Planes));
            hash.AppendData(MemoryMarshal.AsBytes<ulong>(bucket.Zeros));
        }
        return this with { Digest = new Digest(hash.GetHashAndReset()) };
    }

    void WriteHeader(IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(Version);
        writer.Write(Step);
        writer.Write(View);
        writer.Write(RunId);
        writer.Write(Indices(Members));
        writer.Write(Indices(Voters));
        writer.Write(MemoryMarshal.AsBytes<uint>(LossBits));
        writer.Write(LearningRateBits);
        writer.Write(WeightDecayBits);
        WriteBatches(ref writer, Batches);
        WriteBatches(ref writer, NextBatches);
        writer.WriteArrayHeader(2 * Buckets.Length);
        foreach (Aggregate bucket in Buckets)
        {
            writer.Write(bucket.Planes.Length);
            writer.Write(bucket.Zeros?.Length ?? 0);
        }
        writer.Flush();
    }

    /// <summary>Reads the aggregates; null when the bytes are none that a ring decides.</summary>
    static Aggregate[]? ReadBuckets(ref MessagePackReader reader, ReadOnlySpan<byte> bytes,
        IReadOnlyList<Bucket> buckets, VoteTotal total)
    {
        if (reader.ReadArrayHeader() != 2 * buckets.Count)
            return null;
        Span<int> zeros = stackalloc int[buckets.Count];
        long length = 0;
        for (int index = 0; index < buckets.Count; index++)
        {
            Bucket bucket = buckets[index];
            if (reader.ReadInt32() != Words(bucket, total.Counted))
                return null;
            zeros[index] = reader.ReadInt32();
            if (zeros[index] != 0 && zeros[index] != (long)bucket.Reduction.AggregateZeroPlanes(total.Counted) * bucket.Words)
                return null;
            length += Words(bucket, total.Counted) + zeros[index];
        }
        bytes = bytes[(int)reader.Consumed..];
        if (bytes.Length != length * sizeof(ulong))
            return null;
        ReadOnlySpan<ulong> rest = MemoryMarshal.Cast<byte, ulong>(bytes);
        var aggregates = new Aggregate[buckets.Count];
        for (int index = 0; index < aggregates.Length; index++)
        {
            int words = (int)Words(buckets[index], total.Counted);
            ReadOnlySpan<ulong> planes = rest[..words], none = rest.Slice(words, zeros[index]);
            rest = rest[(words + zeros[index])..];
            if (!buckets[index].Reduction.IsPlausibleAggregate(new PartialSum(planes, none, total), buckets[index].TailMask))
                return null;
            aggregates[index] = new Aggregate(planes.ToArray(), none.IsEmpty ? null : none.ToArray());
        }
        return aggregates;
    }

    static void WriteBatches(ref MessagePackWriter writer, int[] batches)
    {
        writer.WriteArrayHeader(batches.Length);
        foreach (int batch in batches)
            writer.Write(batch);
    }

    /// <summary>Reads batches; null when they are not those of so many members.</summary>
    static int[]? ReadBatches(ref MessagePackReader reader, int members)
    {
        int count = reader.ReadArrayHeader();
        if (count != 0 && count != members)
            return null;
        var batches = new int[count];
        foreach (ref int batch in batches.AsSpan())
        {
            batch = reader.ReadInt32();
            if (batch is < 0 or > BatchShares.BatchMax)
                return null;
        }
        return batches;
    }

    static long Words(Bucket bucket, int votes) => (long)bucket.Reduction.AggregatePlanes(votes) * bucket.Words;

    static byte[] Indices(PeerSet set)
    {
        var indices = new byte[set.Count];
        set.CopyTo(indices);
        return indices;
    }
}
