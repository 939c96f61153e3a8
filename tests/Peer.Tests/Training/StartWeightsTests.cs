using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Tests of weights that the training starts from.</summary>
[Collection(SeededCollection.Name)]
public sealed class StartWeightsTests : IDisposable
{
    static readonly TensorDeclaration[] all =
    [
        new("layers.1.weight", "F32", [8, 16]), new("layers.1.bias", "F32", [8]), new("layers.3.weight", "F32", [2, 8]),
        new("layers.3.bias", "F32", [2]),
    ];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("F64")]
    public void Numbers_of_all_floating_point_types_become_the_weights(string type)
    {
        float[] numbers = [.. Enumerable.Range(-64, 128).Select(i => i / 64f)]; // all of them exact in 16 bits
        var file = Write([new("layers.1.weight", type, [8, 16]), .. all[1..]], tensor => tensor.Name == "layers.1.weight"
            ? Bytes(type, numbers) : new byte[tensor.Length]);
        using var model = Started(new StartSettings(file));
        Assert.Equal([.. numbers, .. new float[8 + 16 + 2]], model.Weights.ToArray());
    }

    [Fact]
    public void A_prefix_takes_some_tensors_and_leaves_the_other_parameters_as_they_were()
    {
        var file = Write(
            [new("encoder.weight", "F32", [8, 16]), new("encoder.bias", "F32", [8]), new("head.weight", "F32", [9])]);
        using var plain = Started(null);
        using var model = Started(new StartSettings(file)
        {
            Prefix = new Dictionary<string, string> { ["encoder."] = "layers.1." },
        });
        Assert.Equal(Enumerable.Repeat(2f, 136), model.Weights[..136].ToArray());
        Assert.Equal(plain.Weights[136..], model.Weights[136..]);
    }

    [Fact]
    public void The_longest_prefix_counts_and_one_may_be_taken_away()
    {
        var file = Write([.. all.Select(tensor => tensor with
        {
            Name = tensor.Name.Replace("layers.1.", "module.first.", StringComparison.Ordinal)
                .Replace("layers.3.", "module.layers.3.", StringComparison.Ordinal),
        })]);
        using var model = Started(new StartSettings(file)
        {
            Prefix = new Dictionary<string, string> { ["module."] = "", ["module.first."] = "layers.1." },
        });
        Assert.Equal(Enumerable.Repeat(2f, model.Count), model.Weights.ToArray());
    }

    [Fact]
    public void A_checkpoint_of_this_program_is_a_start_too()
    {
        var file = Write([new(CheckpointState.PreviousSigns, "I64", [3]), .. all]);
        using var model = Started(new StartSettings(file));
        Assert.Equal(Enumerable.Repeat(2f, model.Count), model.Weights.ToArray());
    }

    [Fact]
    public void Everything_that_does_not_fit_is_listed_by_name_and_shape()
    {
        var file = Write(
            [new("layers.1.weight", "F32", [8, 17]), new("layers.1.bias", "I64", [8]), new("more", "F16", [3]), all[2]]);
        Assert.Equal($"{file}: does not fit the network: "
            + "\"layers.1.weight\" has the shape [8, 17] in the file and [8, 16] in the network; "
            + "\"layers.1.bias\" is I64 in the file; allowed is F32, F16, BF16 and F64; "
            + "\"layers.3.bias\" is F32 [2] in the network and not in the file; "
            + "\"more\" is F16 [3] in the file and not in the network", Refusal(new StartSettings(file)));
    }

    [Fact]
    public void Of_many_that_do_not_fit_ten_are_listed_and_the_others_counted()
    {
        var file = Write([.. all, .. Enumerable.Range(0, 13).Select(i => new TensorDeclaration($"more.{i:D2}", "F32", [1]))]);
        var message = Refusal(new StartSettings(file));
        Assert.Contains("\"more.09\" is F32 [1] in the file and not in the network; and 3 more", message);
        Assert.DoesNotContain("more.10", message);
    }

    [Fact]
    public void Prefixes_that_find_nothing_or_too_little_or_one_name_twice_are_named()
    {
        var file = Write([new("a.weight", "F32", [8, 16]), new("b.weight", "F32", [8, 16]), new("a.other", "F32", [1])]);
        Assert.Equal($"{file}: does not fit the network: \"a.weight\" and \"b.weight\" of the file are both \"layers.1.weight\"; "
            + "no name in the file begins with \"c.\"; \"layers.1.bias\" is F32 [8] in the network and not in the file; "
            + "\"a.other\", \"layers.1.other\" by startPrefix, is F32 [1] in the file and not in the network",
            Refusal(new StartSettings(file)
            {
                Prefix = new Dictionary<string, string> { ["a."] = "layers.1.", ["b."] = "layers.1.", ["c."] = "d." },
            }));
    }

    [Fact]
    public void A_file_that_is_not_there_or_no_safetensors_is_named()
    {
        Assert.Contains("cannot be opened", Refusal(new StartSettings(folder.File("nowhere"))));
        File.WriteAllText(folder.File("text"), "no safetensors file at all");
        Assert.Contains("is not a safetensors file", Refusal(new StartSettings(folder.File("text"))));
    }

    [Fact]
    public void Buffers_are_taken_from_the_file_where_it_has_them()
    {
        using var network = new Normed();
        var file = Write([new("norm.weight", "F32", [3]), new("norm.bias", "F32", [3]), new("norm.running_mean", "F32", [3]),
            new("norm.num_batches_tracked", "I64", [])],
            tensor => tensor.Type == "I64" ? BitConverter.GetBytes(7L) : Twos(tensor));
        StartWeights.Apply(new StartSettings(file), network);
        var buffers = network.named_buffers().ToDictionary(one => one.name, one => one.buffer);
        Assert.Equal([2f, 2, 2], buffers["norm.running_mean"].data<float>().ToArray());
        Assert.Equal([1f, 1, 1], buffers["norm.running_var"].data<float>().ToArray());
        Assert.Equal(7, buffers["norm.num_batches_tracked"].item<long>());
    }

    [PythonFact("torch")]
    public void A_state_dict_of_Python_gives_the_loss_that_Python_computes()
    {
        Python.Run("networks.py", "make", folder.Path, "conv");
        Python.Run("networks.py", "state", folder.Path, "conv");
        var run = RunOf("""{ "kind": "torchscript", "path": "conv.pt", "start": "conv.safetensors" }""");
        using var data = run.OpenData();
        using var model = RunModel.Create(run, data, "cpu");
        using var unstarted = RunModel.Create(run with { Start = null }, data, "cpu");
        var batch = data.Test.Read([.. Enumerable.Range(0, 50).Select(i => (long)i)]);
        File.WriteAllBytes(folder.File("images"), MemoryMarshal.AsBytes<float>(batch.Images).ToArray());
        File.WriteAllBytes(folder.File("targets"), MemoryMarshal.AsBytes<long>(batch.Targets).ToArray());

        var loss = model.Evaluate(data.Test, 50, 50).Loss;
        Assert.Equal(LossOf("conv.safetensors"), loss, 1e-5);
        Assert.Equal(loss, model.Backward(batch), 1e-5f);
        Assert.Equal(LossOf(null), unstarted.Evaluate(data.Test, 50, 50).Loss, 1e-5);
        Assert.NotEqual(loss, unstarted.Evaluate(data.Test, 50, 50).Loss, 1e-3);
    }

    [PythonFact("torch")]
    public void One_name_of_a_tied_weight_is_enough()
    {
        Python.Run("networks.py", "make", folder.Path, "tied");
        var settings = new TorchScriptSettings(folder.File("tied.pt"), 6);
        using var network = NetworkFactory.Create(settings, [6], 16);
        StartWeights.Apply(new StartSettings(Write(
            [new("head.weight", "F32", [16, 8]), new("mix.weight", "F32", [8, 8]), new("mix.bias", "F32", [8])])), network);
        using var model = new FlatModel(network, CPU);
        Assert.Equal(Enumerable.Repeat(2f, 128 + 64 + 8), model.Weights.ToArray());
    }

    double LossOf(string? weights)
    {
        string[] arguments = ["evaluate", folder.File("conv.pt"), folder.File("images"), folder.File("targets")];
        var printed = Python.Run("networks.py", weights is null ? arguments : [.. arguments, folder.File(weights)]);
        return double.Parse(printed.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    RunConfig RunOf(string model)
    {
        File.WriteAllText(folder.File("peers.json"), $$"""
            {
              "run": "r", "steps": 1, "learningRate": 0.001, "insecure": true, "model": {{model}},
              "data": { "kind": "glyphs", "size": 16, "trainCount": 100, "testCount": 50 },
              "peers": [{ "id": "a", "address": "127.0.0.1", "port": 7000 },
                        { "id": "b", "address": "127.0.0.1", "port": 7100 }]
            }
            """);
        return RunConfig.Read(folder.File("peers.json"));
    }

    /// <summary>A small mlp with these weights.</summary>
    static FlatModel Started(StartSettings? start)
    {
        manual_seed(1);
        var network = NetworkFactory.Create(new MlpSettings(8, 1), [1, 4, 4], 2);
        if (start is not null)
            StartWeights.Apply(start, network);
        return new FlatModel(network, CPU);
    }

    static string Refusal(StartSettings start) => Assert.Throws<CheckpointException>(() => Started(start).Dispose()).Message;

    /// <summary>A file of tensors that are 2 all over, or what is said.</summary>
    string Write(TensorDeclaration[] tensors, Func<TensorDeclaration, byte[]>? content = null)
    {
        var file = folder.File("start.safetensors");
        using var writer = new SafetensorsWriter(file, tensors, new Dictionary<string, string>());
        foreach (var tensor in tensors)
            writer.Write((content ?? Twos)(tensor));
        writer.Commit();
        return file;
    }

    static byte[] Twos(TensorDeclaration tensor) => tensor.Type == "F32"
        ? Bytes("F32", [.. Enumerable.Repeat(2f, (int)tensor.Length / 4)]) : new byte[tensor.Length];

    static byte[] Bytes(string type, float[] numbers) => [.. numbers.SelectMany(number => type switch
    {
        "F32" => BitConverter.GetBytes(number),
        "F16" => BitConverter.GetBytes((Half)number),
        "BF16" => BitConverter.GetBytes(number)[2..],
        _ => BitConverter.GetBytes((double)number),
    })];

    sealed class Normed : nn.Module<Tensor, Tensor>
    {
        readonly BatchNorm1d norm = nn.BatchNorm1d(3);

        public Normed()
            : base(nameof(Normed)) => RegisterComponents();

        public override Tensor forward(Tensor x) => norm.call(x);
    }
}
