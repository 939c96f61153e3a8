using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    static readonly TensorDeclaration[] declared =
        [new("words", TensorType.I64, [2]), new("a.weight", TensorType.F32, [2, 3]), new("a.bias", TensorType.F32, []),
            new("none", TensorType.F32, [0, 4])];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Sample(string name = "x.safetensors")
    {
        var path = folder.File(name);
        using var writer = new SafetensorsWriter(
            path, declared, new Dictionary<string, string> { ["step"] = "12", ["name"] = "é\"\n" });
        writer.Write(MemoryMarshal.AsBytes<long>([1, -2]));
        writer.Write(MemoryMarshal.AsBytes<float>([0, 1, 2, 3, 4, 5, 6.5f]));
        writer.Commit();
        return path;
    }

    [Fact]
    public void What_is_written_is_read()
    {
        using var file = new SafetensorsFile(Sample());
        Assert.Equal("12", file.RequireMetadata("step"));
        Assert.Equal("é\"\n", file.Metadata["name"]);
        Assert.Equal(
            ["words", "a.weight", "a.bias", "none"],
                file.Tensors.Select(t => t.Declaration.Name).Order(Comparer<string>.Create(Declared)));
        var weight = new float[6];
        file.Read(file.Require("a.weight", TensorType.F32, [2, 3]), weight.AsSpan());
        Assert.Equal([0f, 1, 2, 3, 4, 5], weight);
        var bias = new float[1];
        file.Read(file.Require("a.bias", TensorType.F32, []), bias.AsSpan());
        Assert.Equal(6.5f, bias[0]);
        Assert.Equal(["x.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));

        static int Declared(string? a, string? b) =>
            Array.FindIndex(declared, t => t.Name == a).CompareTo(Array.FindIndex(declared, t => t.Name == b));
    }

    [Fact]
    public void The_layout_is_the_formats()
    {
        var bytes = File.ReadAllBytes(Sample());
        var header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, header % 8);
        Assert.Equal(bytes.Length, 8 + header + 16 + 28);
        Assert.StartsWith("{\"__metadata__\":", Encoding.UTF8.GetString(bytes, 8, (int)header));
        Assert.Equal(6.5f, BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(bytes.Length - 4)));
    }

    [Fact]
    public void The_same_content_makes_the_same_bytes() =>
        Assert.Equal(File.ReadAllBytes(Sample("x")), File.ReadAllBytes(Sample("y")));

    [PythonFact]
    public void Another_reader_reads_it()
    {
        const string python = """
            import json, struct, sys
            data = open(sys.argv[1], "rb").read()
            n, = struct.unpack("<Q", data[:8])
            header = json.loads(data[8:8 + n])
            print(header.pop("__metadata__")["step"])
            sizes = {"F32": ("f", 4), "I64": ("q", 8)}
            for name, t in sorted(header.items()):
                begin, end = t["data_offsets"]
                code, size = sizes[t["dtype"]]
                values = struct.unpack("<%d%s" % ((end - begin) // size, code), data[8 + n + begin:8 + n + end])
                print(name, t["shape"], list(values))
            assert max(t["data_offsets"][1] for t in header.values()) == len(data) - 8 - n
            """;
        var start = new ProcessStartInfo(Requirement.PythonProgram, ["-c", python, Sample()]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(
            "12\na.bias [] [6.5]\na.weight [2, 3] [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]\nnone [0, 4] []\nwords [2] [1, -2]\n", output);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var bytes = File.ReadAllBytes(Sample());
        for (var length = 0; length < bytes.Length; length++)
        {
            var path = folder.File("cut");
            File.WriteAllBytes(path, bytes[..length]);
            Assert.StartsWith(path, Assert.Throws<CheckpointException>(() => new SafetensorsFile(path).Dispose()).Message);
        }
        File.WriteAllBytes(folder.File("long"), [.. bytes, 0]);
        Assert.Throws<CheckpointException>(() => new SafetensorsFile(folder.File("long")).Dispose());
    }

    [Fact]
    public void A_mutated_header_is_refused_or_harmless()
    {
        var bytes = File.ReadAllBytes(Sample());
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var mutant = (byte[])bytes.Clone();
            for (var k = random.Next(1, 4); k > 0; k--)
                mutant[random.Next(8 + header)] = (byte)random.Next(256);
            var path = folder.File("mutant");
            File.WriteAllBytes(path, mutant);
            try
            {
                using var file = new SafetensorsFile(path);
                Assert.All(file.Tensors, t => Assert.InRange(t.End, t.Begin, 44));
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 3000);
    }

    [Theory]
    [InlineData("""[]""", "the header is not a JSON object")]
    [InlineData("""{"a":1}""", "a is not a JSON object")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
            "not JSON as")]
    [InlineData("""{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", "the type \"F31\"")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "not a whole number from 0 on")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "needs 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "lacks dtype, shape or two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", "beyond every file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}""", "begins at 1; expected 0")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "the header describes 8 bytes of data, the file has 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", "unexpected \"x\"")]
    [InlineData("""{"__metadata__":{"a":1}}""", "metadata \"a\" is not a text")]
    [InlineData("""{"a\ud800":{}}""", "not JSON as")]
    public void A_false_header_is_refused_with_the_reason(string header, string reason)
    {
        var path = folder.File("false");
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        File.WriteAllBytes(path, [.. length, .. text, 0, 0, 0, 0]);
        Assert.Contains(reason, Assert.Throws<CheckpointException>(() => new SafetensorsFile(path).Dispose()).Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(100_000_001UL)]
    public void A_claimed_header_is_not_allocated(ulong claim)
    {
        var path = folder.File("claim");
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claim);
        File.WriteAllBytes(path, bytes);
        Assert.Contains(
            $"say a header of {claim} bytes",
                Assert.Throws<CheckpointException>(() => new SafetensorsFile(path).Dispose()).Message);
    }

    [Fact]
    public void Another_shape_is_named()
    {
        using var file = new SafetensorsFile(Sample());
        Assert.Contains("tensor \"a.weight\" is F32 [2, 3]; expected F32 [6]",
            Assert.Throws<CheckpointException>(() => file.Require("a.weight", TensorType.F32, [6])).Message);
        Assert.Contains(
            "has no tensor \"b\"", Assert.Throws<CheckpointException>(() => file.Require("b", TensorType.F32, [6])).Message);
    }

    [Fact]
    public void An_unfinished_file_leaves_the_old_one_alone()
    {
        var path = Sample();
        var before = File.ReadAllBytes(path);
        using (var writer = new SafetensorsWriter(path, declared, new Dictionary<string, string>()))
        {
            writer.Write([1, 2, 3]);
            Assert.Throws<CheckpointException>(writer.Commit);
            Assert.Throws<CheckpointException>(() => writer.Write(new byte[100]));
        }
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Names_that_clash_are_refused() =>
        Assert.Throws<CheckpointException>(() => new SafetensorsWriter(folder.File("y"),
            [new("a", TensorType.F32, [1]), new("a", TensorType.F32, [1])], new Dictionary<string, string>()).Dispose());
}
