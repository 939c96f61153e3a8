using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Where a run stands after a step: the part of a checkpoint beside the weights, the same on all peers.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="Cursor">The position in the order of samples that the next step begins at, within its epoch.</param>
/// <param name="Epoch">The epoch of the cursor.</param>
/// <param name="ChainDigest">The digest of the chain of verdicts, in hexadecimal.</param>
/// <param name="Fingerprint">The run's fingerprint, in hexadecimal.</param>
public sealed record Progress(long Step, long Cursor, long Epoch, string ChainDigest, string Fingerprint);

/// <summary>
/// A checkpoint is two files. The shared one has the same bytes on every peer (weights by PyTorch's names, the previous verdict,
/// the progress), so any peer can serve any piece of it. A peer's own momentum lies in a file beside it.
/// </summary>
public static class Checkpoint
{
    /// <summary>The name of the previous verdict's signs, 64 to a word; int64 because older PyTorch versions open no unsigned
    /// words.</summary>
    public const string PreviousVerdict = "decentralized_lion.previous_verdict";

    const string Momentum = "decentralized_lion.momentum";
    const string BallotSigns = "decentralized_lion.ballot.signs", BallotZeros = "decentralized_lion.ballot.zeros";

    /// <summary>Writes the shared file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="layout">Names and shapes of the weights, in the order of the flat vector.</param>
    /// <param name="weights">The flat vector, all of it.</param>
    /// <param name="previousSigns">The previous verdict's signs.</param>
    public static void Write(string path, Progress progress, IReadOnlyList<TensorDeclaration> layout,
        ReadOnlySpan<float> weights, ReadOnlySpan<ulong> previousSigns)
    {
        // Words of 8 bytes come first, so that every tensor is aligned.
        TensorDeclaration[] tensors = [new(PreviousVerdict, TensorType.I64, [previousSigns.Length]), .. layout];
        var metadata = Describe(progress);
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            hash.AppendData(MemoryMarshal.AsBytes(previousSigns));
            hash.AppendData(MemoryMarshal.AsBytes(weights));
            metadata[Safetensors.Digest] = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        using var writer = new SafetensorsWriter(path, tensors, metadata);
        writer.Write(MemoryMarshal.AsBytes(previousSigns));
        writer.Write(MemoryMarshal.AsBytes(weights));
        writer.Commit();
    }

    /// <summary>Writes a peer's own momentum and, when the next step's ballot was cast already, that.</summary>
    public static void WriteMomentum(string path, Progress progress, ReadOnlySpan<float> momentum, OpenBallot? open = null)
    {
        var tensor = new TensorDeclaration(Momentum, TensorType.F32, [momentum.Length]);
        var metadata = Describe(progress);
        if (open is not null)
            metadata["loss"] = BitConverter.SingleToUInt32Bits(open.Loss).ToString(CultureInfo.InvariantCulture);
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            if (open is not null)
            {
                hash.AppendData(MemoryMarshal.AsBytes(open.Ballot.Signs));
                hash.AppendData(MemoryMarshal.AsBytes(open.Ballot.Zeros));
            }
            hash.AppendData(MemoryMarshal.AsBytes(momentum));
            metadata[Safetensors.Digest] = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        using var writer = new SafetensorsWriter(path, open is null ? [tensor] : [.. Planes(open.Ballot), tensor], metadata);
        if (open is not null)
        {
            writer.Write(MemoryMarshal.AsBytes(open.Ballot.Signs));
            writer.Write(MemoryMarshal.AsBytes(open.Ballot.Zeros));
        }
        writer.Write(MemoryMarshal.AsBytes(momentum));
        writer.Commit();
    }

    /// <summary>Reads weights and previous verdict of a shared file; both must have exactly the sizes given.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another model.</exception>
    public static Progress Read(
        string path, IReadOnlyList<TensorDeclaration> layout, Span<float> weights, Span<ulong> previousSigns)
    {
        using var file = new SafetensorsFile(path);
        var previous = file.Require(PreviousVerdict, TensorType.I64, [previousSigns.Length]);
        var entries = layout.Select(t => file.Require(t.Name, t.Type, t.Shape)).ToArray();
        if (file.Tensors.Count != entries.Length + 1)
            throw new CheckpointException(
                path, $"has {file.Tensors.Count} tensors; the model has {entries.Length}, and one is the verdict");
        file.Verify();
        file.Read(previous, previousSigns);
        var offset = 0;
        foreach (var entry in entries)
        {
            var count = (int)((entry.End - entry.Begin) / sizeof(float));
            file.Read(entry, weights.Slice(offset, count));
            offset += count;
        }
        return ReadProgress(file);
    }

    /// <summary>Reads the weights alone, for evaluation: other tensors in the file do not matter.</summary>
    public static void ReadWeights(string path, IReadOnlyList<TensorDeclaration> layout, Span<float> weights)
    {
        using var file = new SafetensorsFile(path);
        file.Verify();
        var offset = 0;
        foreach (var tensor in layout)
        {
            var entry = file.Require(tensor.Name, tensor.Type, tensor.Shape);
            var count = (int)((entry.End - entry.Begin) / sizeof(float));
            file.Read(entry, weights.Slice(offset, count));
            offset += count;
        }
    }

    /// <summary>Reads a momentum file; it must belong to the checkpoint with this progress.</summary>
    /// <returns>The ballot for the next step when it was cast already, else null.</returns>
    public static OpenBallot? ReadMomentum(string path, Progress progress, Span<float> momentum)
    {
        using var file = new SafetensorsFile(path);
        var entry = file.Require(Momentum, TensorType.F32, [momentum.Length]);
        if (ReadProgress(file) is var found && found != progress)
            throw new CheckpointException(path, $"belongs to step {found.Step} with chain {found.ChainDigest}; "
                + $"expected step {progress.Step} with chain {progress.ChainDigest}");
        file.Verify();
        file.Read(entry, momentum);
        if (!file.Metadata.ContainsKey("loss"))
            return null;
        var ballot = new Ballot(momentum.Length);
        var planes = Planes(ballot).Select(plane => file.Require(plane.Name, plane.Type, plane.Shape)).ToArray();
        file.Read(planes[0], ballot.Signs);
        file.Read(planes[1], ballot.Zeros);
        return new OpenBallot(progress.Step + 1, ballot, BitConverter.UInt32BitsToSingle((uint)Number(file, "loss")));
    }

    static TensorDeclaration[] Planes(Ballot ballot) =>
        [new(BallotSigns, TensorType.I64, [ballot.Words]), new(BallotZeros, TensorType.I64, [ballot.Words])];

    static Dictionary<string, string> Describe(Progress progress) => new()
    {
        ["format"] = "pt",
        ["step"] = progress.Step.ToString(CultureInfo.InvariantCulture),
        ["cursor"] = progress.Cursor.ToString(CultureInfo.InvariantCulture),
        ["epoch"] = progress.Epoch.ToString(CultureInfo.InvariantCulture),
        ["chain"] = progress.ChainDigest,
        ["fingerprint"] = progress.Fingerprint,
    };

    static Progress ReadProgress(SafetensorsFile file) => new(
        Number(file, "step"), Number(file, "cursor"), Number(file, "epoch"),
        file.RequireMetadata("chain"), file.RequireMetadata("fingerprint"));

    static long Number(SafetensorsFile file, string key)
    {
        var text = file.RequireMetadata(key);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CheckpointException(
                file.Name, $"metadata \"{key}\" is \"{text}\"; expected a whole number from 0 on");
    }
}
