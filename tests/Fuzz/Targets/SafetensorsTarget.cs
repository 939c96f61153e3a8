using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>A checkpoint's two files, also as another peer sends them.</summary>
sealed class SafetensorsTarget : Target
{
    const int Parameters = 5;

    static readonly TensorDeclaration[] layout = [new("w", TensorType.F32, [2, 2]), new("b", TensorType.F32, [1])];

    readonly Scratch scratch = new();

    public SafetensorsTarget()
    {
        var folder = new CheckpointFolder(scratch.Path);
        var ballot = new Ballot(Parameters);
        var progress = new Progress(7, Digest.Of([7]), "f00d", new SamplerState(40, [new(3, 2), new(9, 1)], [0, 2]));
        using var files = folder.Prepare(progress, State([0b10110], [-1, -2, -3, -4, -5]), (float[])[1, 2, 3, 4, 5], "a",
            new PendingBallot(8, Digest.Of([7]), ballot, 0.75f));
        folder.Commit(files);
        byte[] shared = File.ReadAllBytes(folder.Shared(7)), momentum = File.ReadAllBytes(folder.Momentum(7));
        // A digest would hide everything behind it; files without one are files, too.
        Seeds = [shared, momentum, WithoutDigest(shared), WithoutDigest(shared), WithoutDigest(momentum)];
    }

    public override string Name => "safetensors";

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override bool IsText => true;

    public override long MostAllocated(int length) => (256 << 10) + 512L * length;

    /// <summary>A length in front that fits the header: up to the last brace, and the spaces behind it.</summary>
    public override byte[] Repair(byte[] input, FuzzRandom random)
    {
        int header = Array.LastIndexOf(input, (byte)'}') - 7;
        if (header < 0)
            return input;
        while (8 + header < input.Length && input[8 + header] == ' ')
            header++;
        byte[] repaired = [.. input];
        BinaryPrimitives.WriteInt64LittleEndian(repaired, header);
        return repaired;
    }

    public override string Run(ReadOnlyMemory<byte> input)
    {
        scratch.Write("file", input.Span);
        string path = scratch.File("file");
        string refused = "header";
        try
        {
            using (var file = new SafetensorsFile(path))
            {
                long end = 0;
                foreach (TensorEntry tensor in file.Tensors)
                {
                    Must(tensor.Begin == end && tensor.End >= end, "tensors do not follow each other");
                    end = tensor.End;
                }
                Must(end <= file.Length, "tensors go on behind the file's end");
                refused = "contents";
                file.Verify();
            }
            var (weights, signs) = (new float[Parameters], new ulong[1]);
            if (Takes(() => Checkpoint.ReadLocalState(path, "a", "f00d", State(signs, weights),
                _ => [new(new MajorityVote(TieRule.Previous), Parameters)])))
                return Accepted;
            refused = "state";
            Checkpoint.ReadWeights(path, layout, weights);
            Progress progress = Checkpoint.Read(path, State(signs, weights), weights);
            SamplerStateTarget.Follow(progress.Data);
            return Accepted;
        }
        catch (CheckpointException)
        {
            return refused;
        }
    }

    public override void Dispose() => scratch.Dispose();

    static CheckpointState State(ulong[] signs, float[] momentum) =>
        new(layout, signs, [], [new StateVector("momentum", momentum)]);

    static bool Takes(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    static byte[] WithoutDigest(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        JsonNode header = JsonNode.Parse(file.AsSpan(8, length))!;
        header["__metadata__"]!.AsObject().Remove("sha256");
        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var start = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(start, text.Length);
        return [.. start, .. text, .. file[(8 + length)..]];
    }
}
