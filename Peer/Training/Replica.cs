using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Peer.Training;

/// <summary>What must be equal on all peers: the weights, the previous verdict, and how far both are.</summary>
public sealed class Replica : IReplicaState
{
    /// <summary>A step compares one of so many slices of the weights, in turn, so that damaged memory is found.</summary>
    const int Slices = 64;

    readonly FlatModel model;
    ChainDigest? digest;

    public Replica(FlatModel model)
    {
        this.model = model;
        Previous = new ulong[BitPlanes.Words(model.Count)];
        // Before the first verdict a tie falls as a coin does.
        for (var word = 0; word < Previous.Length; word++)
            Previous[word] = Coin.Word(0, word);
        Previous[^1] &= BitPlanes.TailMask(model.Count);
    }

    public long Step { get; private set; }

    public ChainDigest Chain { get; private set; }

    public ulong[] Previous { get; }

    public long Length => (long)model.Count * sizeof(float) + (long)Previous.Length * sizeof(ulong);

    public ChainDigest Digest => digest ??= ComputeDigest();

    /// <summary>The bytes of the slice of the weights that a step compares, hashed.</summary>
    public ChainDigest SliceDigest(long step)
    {
        var slice = (int)(step % Slices);
        int begin = (int)((long)model.Count * slice / Slices), end = (int)((long)model.Count * (slice + 1) / Slices);
        return ChainDigest.Of(MemoryMarshal.AsBytes(model.Weights[begin..end]));
    }

    /// <summary>Whether the state came from another peer when the ring was joined.</summary>
    public bool Fetched { get; private set; }

    /// <summary>A checkpoint was read.</summary>
    public void Loaded(long step, ChainDigest chain) => (Step, Chain, digest) = (step, chain, null);

    public void Joined(long step, ChainDigest chain, bool fetched)
    {
        Fetched = fetched;
        (Step, Chain) = (step, chain);
        if (!fetched)
            return;
        digest = null;
        model.Publish();
    }

    /// <summary>x ← x·(1−lr·λ), then x ← x − lr·Δ: the same bits on every peer.</summary>
    public void Apply(StepRecord verdict)
    {
        var decay = Schedule.Decay(verdict.LearningRate, verdict.WeightDecay);
        LionKernel.Apply(model.Weights, verdict.Signs, verdict.Zeros, verdict.LearningRate, decay);
        verdict.RememberIn(Previous);
        (Step, Chain, digest) = (verdict.Step, verdict.Digest, null);
    }

    public void Read(long offset, Span<byte> destination)
    {
        foreach (var (from, at, length) in Parts(offset, destination.Length))
            Bytes(from, at, length).CopyTo(destination.Slice((int)(Begin(from) + at - offset), length));
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        foreach (var (to, at, length) in Parts(offset, source.Length))
            source.Slice((int)(Begin(to) + at - offset), length).CopyTo(Bytes(to, at, length));
        digest = null;
    }

    long Boundary => (long)model.Count * sizeof(float);

    long Begin(int part) => part == 0 ? 0 : Boundary;

    /// <summary>The pieces of a range of the state: of the weights (part 0), of the previous verdict (part 1).</summary>
    List<(int Part, long At, int Length)> Parts(long offset, int length)
    {
        var parts = new List<(int, long, int)>(2);
        var inWeights = (int)Math.Clamp(Boundary - offset, 0, length);
        if (inWeights > 0)
            parts.Add((0, offset, inWeights));
        if (length > inWeights)
            parts.Add((1, Math.Max(0, offset - Boundary), length - inWeights));
        return parts;
    }

    Span<byte> Bytes(int part, long at, int length)
    {
        if (part == 1)
            return MemoryMarshal.AsBytes(Previous.AsSpan()).Slice((int)at, length);
        // A span of bytes reaches 2 GiB only; one of floats reaches all weights.
        var first = (int)(at / sizeof(float));
        var skip = (int)(at % sizeof(float));
        var floats = model.Weights.Slice(first, (skip + length + sizeof(float) - 1) / sizeof(float));
        return MemoryMarshal.AsBytes(floats).Slice(skip, length);
    }

    ChainDigest ComputeDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int block = 1 << 20;
        for (var begin = 0; begin < model.Count; begin += block)
            hash.AppendData(MemoryMarshal.AsBytes(model.Weights.Slice(begin, Math.Min(block, model.Count - begin))));
        hash.AppendData(MemoryMarshal.AsBytes(Previous.AsSpan()));
        return new ChainDigest(hash.GetHashAndReset());
    }
}
