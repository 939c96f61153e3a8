using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation.Reference;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>A small model: what a peer's trainer keeps equal to all others' (docs/protocol.md#i2).</summary>
/// <param name="parameters">The model's length.</param>
/// <param name="bucketsOf">What steps carry; null: a vote.</param>
sealed class SimulatedReplica(int parameters, Func<long, IReadOnlyList<Bucket>>? bucketsOf = null)
{
    /// <summary>A step compares one of so many slices of the weights, in turn.</summary>
    public const int Slices = 64;

    const int Head = sizeof(long) + Digest.Length;

    readonly Func<long, IReadOnlyList<Bucket>> bucketsOf = bucketsOf ?? Buckets.Vote(parameters);

    public float[] Weights { get; } = new float[parameters];

    public ulong[] Previous { get; } = new ulong[BitPlanes.Words(parameters)];

    /// <summary>The last step applied.</summary>
    public long Step { get; private set; }

    /// <summary>The chain's digest after it; zeros at step 0.</summary>
    public Digest Chain { get; private set; }

    /// <summary>A number that tells one state of the weights from another.</summary>
    public uint WeightsHash => Crc32C.Of(MemoryMarshal.AsBytes<float>(Weights));

    /// <summary>The weights that a run begins with.</summary>
    public static SimulatedReplica Initial(int parameters, ulong seed, Func<long, IReadOnlyList<Bucket>>? bucketsOf = null)
    {
        var replica = new SimulatedReplica(parameters, bucketsOf);
        for (int i = 0; i < parameters; i++)
            replica.Weights[i] = (float)((TieHash.Word((long)seed, i) >> 40) / (double)(1 << 24) - 0.5);
        for (int word = 0; word < replica.Previous.Length; word++)
            replica.Previous[word] = TieHash.Word(0, word); // before the first majority a tie falls as a coin does
        replica.Previous[^1] &= BitPlanes.TailMask(parameters);
        return replica;
    }

    /// <summary>The weights that a step's slice digest covers.</summary>
    public static (int Begin, int End) Slice(int parameters, long step)
    {
        int slice = (int)(step % Slices);
        return ((int)((long)parameters * slice / Slices), (int)((long)parameters * (slice + 1) / Slices));
    }

    /// <summary>The bytes of the previous majority in a checkpoint.</summary>
    public static ReadOnlySpan<byte> PreviousOf(byte[] checkpoint, int parameters) =>
        checkpoint.AsSpan(Head + parameters * sizeof(float));

    /// <summary>The digest of the slice that a step compares.</summary>
    public Digest SliceDigest(long step)
    {
        (int begin, int end) = Slice(Weights.Length, step);
        return Digest.Of(MemoryMarshal.AsBytes(Weights.AsSpan(begin..end)));
    }

    /// <summary>Makes a step.</summary>
    public void Apply(StepRecord record)
    {
        ReferenceUpdate.Apply(record, bucketsOf(record.Step), Weights, Previous);
        (Step, Chain) = (record.Step, record.Digest);
    }

    /// <summary>A checkpoint's shared part: step, chain, weights, previous majority.</summary>
    public byte[] Save() =>
    [
        .. BitConverter.GetBytes(Step), .. Chain.Bytes, .. MemoryMarshal.AsBytes<float>(Weights),
        .. MemoryMarshal.AsBytes<ulong>(Previous),
    ];

    /// <summary>Bytes of what <see cref="Save"/> gives.</summary>
    public static int SavedLength(int parameters) =>
        Head + parameters * sizeof(float) + BitPlanes.Words(parameters) * sizeof(ulong);

    /// <summary>Takes what <see cref="Save"/> gave.</summary>
    public void Load(byte[] checkpoint)
    {
        Step = BitConverter.ToInt64(checkpoint);
        Chain = new Digest(checkpoint.AsSpan(sizeof(long), Digest.Length));
        MemoryMarshal.Cast<byte, float>(checkpoint.AsSpan(Head, Weights.Length * sizeof(float))).CopyTo(Weights);
        MemoryMarshal.Cast<byte, ulong>(PreviousOf(checkpoint, Weights.Length)).CopyTo(Previous);
    }
}
