using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Where a run stands after a step: the part of a checkpoint beside the weights, the same on all peers.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="Chain">The digest of the chain of verdicts; zeros before the first.</param>
/// <param name="Fingerprint">The run's fingerprint, in hexadecimal.</param>
/// <param name="Data">Who takes which samples next.</param>
public sealed record Progress(long Step, ChainDigest Chain, string Fingerprint, DataState Data);

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
        foreach (var (key, value) in progress.Data.Describe())
            metadata.Add(key, value);
        using (var hash = Safetensors.BeginDigest(metadata))
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
    public static void WriteMomentum(string path, Progress progress, string peer, ReadOnlySpan<float> momentum, OpenBallot? open = null)
    {
        var tensor = new TensorDeclaration(Momentum, TensorType.F32, [momentum.Length]);
        var metadata = Describe(progress);
        metadata.Add("peer", peer);
        if (open is not null)
            metadata["loss"] = BitConverter.SingleToUInt32Bits(open.Loss).ToString(CultureInfo.InvariantCulture);
        using (var hash = Safetensors.BeginDigest(metadata))
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
        var progress = Check(file, layout, previousSigns.Length);
        file.Read(file.Require(PreviousVerdict, TensorType.I64, [previousSigns.Length]), previousSigns);
        var offset = 0;
        foreach (var tensor in layout)
            offset += ReadTensor(file, tensor, weights[offset..]);
        return progress;
    }

    /// <summary>Checks that a shared file is whole and of a model, without keeping any of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="layout">The model's tensors.</param>
    /// <param name="words">Words of its previous verdict.</param>
    /// <exception cref="CheckpointException">The file is damaged or of another model.</exception>
    public static Progress Check(SafetensorsFile file, IReadOnlyList<TensorDeclaration> layout, int words)
    {
        if (OtherModelException.Difference(file.Tensors, layout) is { } difference)
            throw new OtherModelException(file.Name, difference);
        file.Require(PreviousVerdict, TensorType.I64, [words]);
        file.Verify();
        try
        {
            return new Progress(StepOf(file), ParseDigest(file, "chain"), file.RequireMetadata("fingerprint"), DataState.Read(file.RequireMetadata));
        }
        catch (FormatException e)
        {
            throw new CheckpointException(file.Name, $"metadata {e.Message}", e);
        }
    }

    /// <summary>Reads the weights alone, for evaluation: other tensors in the file do not matter.</summary>
    public static void ReadWeights(string path, IReadOnlyList<TensorDeclaration> layout, Span<float> weights)
    {
        using var file = new SafetensorsFile(path);
        file.Verify();
        var offset = 0;
        foreach (var tensor in layout)
            offset += ReadTensor(file, tensor, weights[offset..]);
    }

    /// <summary>Reads a momentum file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="peer">Who reads it. A ballot in another peer's file was that peer's vote and is not read.</param>
    /// <param name="fingerprint">The run's; a ballot of other settings is not read.</param>
    /// <param name="momentum">Where it goes.</param>
    /// <returns>The ballot for the step after the file's when it was cast already, else null.</returns>
    /// <exception cref="CheckpointException">The file is damaged or of another model.</exception>
    public static OpenBallot? ReadMomentum(string path, string peer, string fingerprint, Span<float> momentum)
    {
        using var file = new SafetensorsFile(path);
        CheckMomentum(file, momentum.Length);
        file.Read(file.Require(Momentum, TensorType.F32, [momentum.Length]), momentum);
        if (!file.Metadata.ContainsKey("loss") || file.RequireMetadata("peer") != peer
            || file.RequireMetadata("fingerprint") != fingerprint)
            return null;
        var ballot = new Ballot(momentum.Length);
        var planes = Planes(ballot).Select(plane => file.Require(plane.Name, plane.Type, plane.Shape)).ToArray();
        file.Read(planes[0], ballot.Signs);
        file.Read(planes[1], ballot.Zeros);
        return new OpenBallot(StepOf(file) + 1, ParseDigest(file, "chain"), ballot, BitConverter.UInt32BitsToSingle((uint)Number(file, "loss")));
    }

    /// <summary>Checks that a momentum file is whole and of a model.</summary>
    /// <exception cref="CheckpointException">It is not.</exception>
    public static void CheckMomentum(SafetensorsFile file, int parameters)
    {
        file.Require(Momentum, TensorType.F32, [parameters]);
        file.Verify();
    }

    /// <summary>The step that a file of a checkpoint was written after.</summary>
    /// <exception cref="CheckpointException">It does not say.</exception>
    public static long StepOf(SafetensorsFile file) => Number(file, "step");

    /// <summary>The digest of a file's contents, as it says it itself.</summary>
    /// <exception cref="CheckpointException">It says none.</exception>
    public static ChainDigest DigestOf(SafetensorsFile file) => ParseDigest(file, Safetensors.Digest);

    static TensorDeclaration[] Planes(Ballot ballot) =>
        [new(BallotSigns, TensorType.I64, [ballot.Words]), new(BallotZeros, TensorType.I64, [ballot.Words])];

    static Dictionary<string, string> Describe(Progress progress) => new()
    {
        ["format"] = "pt",
        ["step"] = progress.Step.ToString(CultureInfo.InvariantCulture),
        ["chain"] = progress.Chain.ToString(),
        ["fingerprint"] = progress.Fingerprint,
    };

    static int ReadTensor(SafetensorsFile file, TensorDeclaration tensor, Span<float> weights)
    {
        var entry = file.Require(tensor.Name, tensor.Type, tensor.Shape);
        var count = (int)((entry.End - entry.Begin) / sizeof(float));
        file.Read(entry, weights[..count]);
        return count;
    }

    static long Number(SafetensorsFile file, string key)
    {
        var text = file.RequireMetadata(key);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CheckpointException(
                file.Name, $"metadata \"{key}\" is \"{text}\"; expected a whole number from 0 on");
    }

    static ChainDigest ParseDigest(SafetensorsFile file, string key)
    {
        var text = file.RequireMetadata(key);
        return text.Length == 2 * ChainDigest.Length && text.All(char.IsAsciiHexDigitLower)
            ? new ChainDigest(Convert.FromHexString(text))
            : throw new CheckpointException(
                file.Name, $"metadata \"{key}\" is \"{text}\"; expected {2 * ChainDigest.Length} hexadecimal digits");
    }
}
