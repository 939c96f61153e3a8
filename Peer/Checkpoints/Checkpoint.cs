using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// A checkpoint is two files. The shared one has the same bytes on every peer (weights by PyTorch's names, the previous majority,
/// what the method shares, the progress), so any peer can serve any piece of it. What a peer alone has, such as its momentum,
/// lies in a file beside it.
/// </summary>
static class Checkpoint
{
    const string Settings = "settings";

    /// <summary>The values that are read or written at once.</summary>
    const int Piece = 1 << 20;

    /// <summary>Writes the shared file's content; <see cref="SafetensorsWriter.Commit"/> gives it its name.</summary>
    /// <param name="path">Where.</param>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="state">What there is beside the weights.</param>
    /// <param name="weights">The weights.</param>
    public static SafetensorsWriter Prepare(string path, Progress progress, CheckpointState state, FlatVector weights)
    {
        var metadata = Describe(progress);
        foreach (var (key, value) in progress.Data.Describe())
            metadata.Add(key, value);
        using (var hash = Safetensors.BeginDigest(metadata))
        {
            hash.AppendData(MemoryMarshal.AsBytes<ulong>(state.Previous));
            Copy(weights, hash.AppendData);
            foreach (var vector in state.ReplicatedState)
                Copy(vector.Vector, hash.AppendData);
            metadata[Safetensors.Digest] = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        return Filled(new SafetensorsWriter(path, [.. state.ReplicatedTensors()], metadata), writer =>
        {
            writer.Write(MemoryMarshal.AsBytes<ulong>(state.Previous));
            Copy(weights, writer.Write);
            foreach (var vector in state.ReplicatedState)
                Copy(vector.Vector, writer.Write);
        });
    }

    /// <summary>Writes what a peer alone has and, when the next step's ballot was cast already, that;
    /// <see cref="SafetensorsWriter.Commit"/> gives the file its name.</summary>
    public static SafetensorsWriter PrepareLocalState(string path, Progress progress, string peer, CheckpointState state,
        PendingBallot? open = null)
    {
        var metadata = Describe(progress);
        metadata.Add("peer", peer);
        if (open is not null)
            metadata["loss"] = BitConverter.SingleToUInt32Bits(open.Loss).ToString(CultureInfo.InvariantCulture);
        (TensorDeclaration Tensor, BallotBucket Part, bool IsZeros)[] ballot = open is null
            ? [] : [.. CheckpointState.BallotTensors(open.Ballot)];
        using (var hash = Safetensors.BeginDigest(metadata))
        {
            foreach (var (_, bucket, isZeros) in ballot)
                hash.AppendData(MemoryMarshal.AsBytes(isZeros ? bucket.Zeros : bucket.Planes));
            foreach (var vector in state.LocalState)
                Copy(vector.Vector, hash.AppendData);
            metadata[Safetensors.Digest] = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        TensorDeclaration[] tensors = [.. ballot.Select(one => one.Tensor), .. state.LocalTensors()];
        return Filled(new SafetensorsWriter(path, tensors, metadata), writer =>
        {
            foreach (var (_, bucket, isZeros) in ballot)
                writer.Write(MemoryMarshal.AsBytes(isZeros ? bucket.Zeros : bucket.Planes));
            foreach (var vector in state.LocalState)
                Copy(vector.Vector, writer.Write);
        });
    }

    /// <summary>Reads a shared file into the weights and into the state's memory; all must have exactly the sizes
    /// given.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another model or method; nothing is changed.</exception>
    public static Progress Read(string path, CheckpointState state, FlatVector weights)
    {
        using var file = new SafetensorsFile(path);
        var progress = Check(file, state);
        if (state.Previous is { } previous)
            file.Read(file.Require(CheckpointState.PreviousSigns, TensorType.I64, [previous.Length]), previous);
        var offset = 0;
        foreach (var tensor in state.Weights)
            offset += ReadTensor(file, tensor, weights, offset);
        foreach (var vector in state.ReplicatedState)
            ReadTensor(file, CheckpointState.Declare(vector), vector.Vector, 0);
        return progress;
    }

    /// <summary>Checks that a shared file is whole and of a model and method, without keeping any of it.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another model or method.</exception>
    public static Progress Check(SafetensorsFile file, CheckpointState state)
    {
        if (OtherModelException.Difference(file.Tensors,
            [.. state.ReplicatedTensors().OrderBy(tensor => tensor.Name == CheckpointState.PreviousSigns)]) is { } difference)
            throw new OtherModelException(file.Name, difference);
        file.Verify();
        try
        {
            return new Progress(StepOf(file), ParseDigest(file, "chain"), file.RequireMetadata("fingerprint"),
                SamplerState.Read(file.RequireMetadata, file.Metadata.GetValueOrDefault("batches", "")))
            {
                Settings = file.Metadata.TryGetValue(Settings, out var settings) ? SettingsChange.Read(settings) : [],
            };
        }
        catch (FormatException e)
        {
            throw new CheckpointException(file.Name, $"metadata {e.Message}", e);
        }
    }

    /// <summary>Reads the weights and the network's buffers alone, for evaluation: other tensors in the file do not
    /// matter.</summary>
    public static void ReadNetwork(string path, IReadOnlyList<TensorDeclaration> layout, Span<float> weights,
        NetworkBuffers buffers)
    {
        ReadWeights(path, layout, weights);
        if (buffers.Count == 0)
            return;
        using var file = new SafetensorsFile(path);
        var values = new float[buffers.Count];
        var all = CheckpointState.Declare(new StateVector(BufferSync.Name, values));
        if (file.Tensors.Any(entry => entry.Declaration.Name == all.Name))
            ReadTensor(file, all, values);
        else // exported
            foreach (var (tensor, slice) in TensorDeclaration.Of(buffers.Layout).Zip(buffers.Layout))
                ReadTensor(file, tensor, values.AsSpan(slice.Offset, slice.Length));
        buffers.Write(values);
    }

    /// <summary>Reads the weights alone: other tensors in the file do not matter.</summary>
    public static void ReadWeights(string path, IReadOnlyList<TensorDeclaration> layout, Span<float> weights)
    {
        using var file = new SafetensorsFile(path);
        file.Verify();
        var offset = 0;
        foreach (var tensor in layout)
            offset += ReadTensor(file, tensor, weights[offset..]);
    }

    /// <summary>Reads a file of what a peer alone has into the state's memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="peer">Who reads it. Of another peer's file only what may be inherited is read, and its ballot was that peer's
    /// vote.</param>
    /// <param name="fingerprint">The run's; a ballot of other settings is not read.</param>
    /// <param name="state">Where it goes.</param>
    /// <param name="bucketsOf">What a step carries.</param>
    /// <returns>The ballot for the step after the file's when it was cast already, else null.</returns>
    /// <exception cref="CheckpointException">The file is damaged or of another model or method.</exception>
    public static PendingBallot? ReadLocalState(string path, string peer, string fingerprint, CheckpointState state,
        Func<long, IReadOnlyList<Bucket>> bucketsOf)
    {
        using var file = new SafetensorsFile(path);
        CheckLocalState(file, state);
        var isOurs = file.RequireMetadata("peer") == peer;
        foreach (var vector in state.LocalState.Where(vector => isOurs || vector.IsTransferable))
            ReadTensor(file, CheckpointState.Declare(vector), vector.Vector, 0);
        if (!file.Metadata.ContainsKey("loss") || !isOurs || file.RequireMetadata("fingerprint") != fingerprint)
            return null;
        var step = StepOf(file) + 1;
        var ballot = new Ballot(bucketsOf(step));
        foreach (var (tensor, bucket, isZeros) in CheckpointState.BallotTensors(ballot))
            file.Read(file.Require(tensor.Name, tensor.Type, tensor.Shape), isZeros ? bucket.Zeros : bucket.Planes);
        return new PendingBallot(step, ParseDigest(file, "chain"), ballot,
            BitConverter.UInt32BitsToSingle((uint)Number(file, "loss")));
    }

    /// <summary>Checks that a file of what a peer alone has is whole and of a model and method.</summary>
    /// <exception cref="CheckpointException">It is not.</exception>
    public static void CheckLocalState(SafetensorsFile file, CheckpointState state)
    {
        foreach (var tensor in state.LocalTensors())
            file.Require(tensor.Name, tensor.Type, tensor.Shape);
        file.Verify();
    }

    /// <summary>The step that a file of a checkpoint was written after.</summary>
    /// <exception cref="CheckpointException">It does not say.</exception>
    public static long StepOf(SafetensorsFile file) => Number(file, "step");

    /// <summary>The digest of a file's contents, as it says it itself.</summary>
    /// <exception cref="CheckpointException">It says none.</exception>
    public static Digest DigestOf(SafetensorsFile file) => ParseDigest(file, Safetensors.Digest);

    static Dictionary<string, string> Describe(Progress progress)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["step"] = progress.Step.ToString(CultureInfo.InvariantCulture),
            ["chain"] = progress.Chain.ToString(),
            ["fingerprint"] = progress.Fingerprint,
        };
        if (progress.Settings.Count > 0)
            metadata.Add(Settings, SettingsChange.Write(progress.Settings));
        return metadata;
    }

    static SafetensorsWriter Filled(SafetensorsWriter writer, Action<SafetensorsWriter> fill)
    {
        try
        {
            fill(writer);
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Gives a vector's bytes away, piece by piece.</summary>
    static void Copy(FlatVector vector, Action<ReadOnlySpan<byte>> write)
    {
        float[] buffer = [];
        for (var at = 0; at < vector.Length; at += Piece)
            write(MemoryMarshal.AsBytes(vector.Peek(at, Math.Min(Piece, vector.Length - at), ref buffer)));
    }

    static int ReadTensor(SafetensorsFile file, TensorDeclaration tensor, FlatVector vector, int first)
    {
        var entry = file.Require(tensor.Name, tensor.Type, tensor.Shape);
        var count = (int)((entry.End - entry.Begin) / sizeof(float));
        var piece = new float[Math.Min(Piece, count)];
        for (var at = 0; at < count; at += Piece)
        {
            var values = piece.AsSpan(0, Math.Min(Piece, count - at));
            file.ReadPiece(entry, (long)at * sizeof(float), MemoryMarshal.AsBytes(values));
            vector.Write(first + at, values);
        }
        return count;
    }

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

    static Digest ParseDigest(SafetensorsFile file, string key)
    {
        var text = file.RequireMetadata(key);
        return text.Length == 2 * Digest.Length && text.All(char.IsAsciiHexDigitLower)
            ? new Digest(Convert.FromHexString(text))
            : throw new CheckpointException(
                file.Name, $"metadata \"{key}\" is \"{text}\"; expected {2 * Digest.Length} hexadecimal digits");
    }
}
