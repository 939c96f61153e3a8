using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Tests of networks and weights that come from PyTorch as files and go back to it.</summary>
public class FileModelTests
{
    const string Conv = """
        { "steps": 60, "batch": 16, "learningRate": 0.003,
          "model": { "kind": "torchscript", "path": "conv.pt", "start": "conv.safetensors" } }
        """;

    [PythonFact("torch")]
    public async Task A_network_that_Python_made_is_trained_by_four_and_Python_finds_the_export_as_accurate()
    {
        using var place = new TestCluster(4, Conv, pooled: true);
        Python.Run("networks.py", "make", place.In(), "conv");
        Python.Run("networks.py", "state", place.In(), "conv");
        await place.Train();
        var measured = place.Metrics("a").OfType<Evaluated>().Last();
        Assert.InRange(measured.Accuracy, 0.2, 1); // ten digits: guessing gets a tenth
        Assert.Equal(place.Checkpoint("a", 60), place.Checkpoint("d", 60));

        // A checkpoint comes before the weights to start from.
        await place.Train();
        Assert.Equal(measured.Loss, place.Metrics("a").OfType<Evaluated>().Last().Loss);

        // Once trained, what it started from is not needed any more.
        File.Delete(place.In("conv.safetensors"));
        await Does(place, ["export", "--safetensors", place.In("w.safetensors"), "--torchscript", place.In("trained.pt")],
            "step 60");
        await Does(place, ["evaluate"], FormattableString.Invariant($"test accuracy  {measured.Accuracy * 100:0.0} %"));
        WriteTestData(place);
        foreach (var evaluated in new[]
        {
            Evaluate(place, place.In("trained.pt")), Evaluate(place, place.In("conv.pt"), place.In("w.safetensors")),
        })
        {
            Assert.Equal(measured.Accuracy, evaluated.Accuracy, 1e-6);
            Assert.Equal(measured.Loss!.Value, evaluated.Loss, 1e-5);
        }

        // What is there is replaced only when that is asked for.
        await Refuses(place, ["export", "--torchscript", place.In("trained.pt")], "--torchscript", "is there already; --force");
        await Does(place, ["export", "--torchscript", place.In("trained.pt"), "--force"], "wrote");
        Assert.Empty(Directory.GetFiles(place.In(), "*.part"));
    }

    [PythonFact("torch")]
    public async Task Statistics_of_the_training_are_in_checkpoints_and_exports()
    {
        using var place = new TestCluster(2, Conv.Replace("conv.pt", "norm.pt").Replace(", \"start\": \"conv.safetensors\"", ""),
            pooled: true);
        Python.Run("networks.py", "make", place.In(), "norm");
        await place.Train();
        var measured = place.Metrics("a").OfType<Evaluated>().Last();
        Assert.Equal(place.Checkpoint("a", 60), place.Checkpoint("b", 60));
        await Does(place, ["export", "--safetensors", place.In("w"), "--torchscript", place.In("trained.pt")], "step 60");
        var said = FormattableString.Invariant($"test accuracy  {measured.Accuracy * 100:0.0} %");
        await Does(place, ["evaluate"], said);
        var exported = place.Program("evaluate", ["evaluate", "--peers", place.PeersFile, "--checkpoint", place.In("w")]);
        await exported.Exits(0);
        Assert.Contains(said, exported.Text);
        WriteTestData(place);
        Assert.Equal(measured.Loss!.Value, Evaluate(place, place.In("trained.pt")).Loss, 1e-5);
    }

    [PythonFact("torch")]
    public async Task Commands_know_a_network_in_a_file()
    {
        using var place = new TestCluster(2, """{ "model": { "kind": "torchscript", "path": "conv.pt" } }""", pooled: true);
        Python.Run("networks.py", "make", place.In(), "conv", "twelve");
        var plan = place.Program("plan", ["plan", "--peers", place.PeersFile]);
        await plan.Exits(0);
        Assert.Contains("2610", plan.Text.Replace(" ", "").Replace(",", ""));
        var doctor = place.Program("doctor", ["doctor", "--peers", place.PeersFile, "--id", "a", "--wait", "1"]);
        await doctor.Exits(1); // nobody else is there
        Assert.Contains("torchscript of 2610 parameters", doctor.Text);

        await Refused(place, """{ "kind": "torchscript", "path": "twelve.pt" }""",
            "twelve.pt: forward does not fit the data", "[1, 12]", "[1, 10], [batch, classes]");
        await Refused(place, """{ "kind": "torchscript", "path": "nowhere.pt" }""", "nowhere.pt: does not exist");
        await Refused(place, """{ "kind": "torchscript", "path": "peers.json" }""", "peers.json: is not TorchScript");
        await Refused(place, """{ "kind": "mlp", "start": "nowhere.safetensors" }""", "nowhere.safetensors: cannot be opened");
        await Refused(place, """{ "kind": "mlp", "start": "peers.json" }""", "peers.json: is not a safetensors file");
    }

    [Fact]
    public async Task A_built_in_network_is_exported_as_safetensors_only()
    {
        using var place = new TestCluster(2, pooled: true);
        await Refuses(place, ["export", "--torchscript", place.In("t.pt")], "model.kind \"mlp\"", "--safetensors goes with");
        await Refuses(place, ["export", "--safetensors", place.In()], "is a folder; allowed is a file");
        Directory.CreateDirectory(place.In("out"));
        await Refuses(place, ["export", "--safetensors", place.In("w")], "in which there is no step-*.safetensors");
        await place.Train();
        await Does(place, ["export", "--safetensors", place.In("w")], "step 30");

        // It is a start for others, and a checkpoint to evaluate.
        var settings = place.Settings.DeepClone();
        settings["model"]!["start"] = "w";
        settings["run"] = "more";
        var more = place.Write("more.json", settings);
        var evaluate = place.Program("evaluate", ["evaluate", "--peers", more, "--checkpoint", place.In("w")]);
        await evaluate.Exits(0);
        settings["model"]!["width"] = 17;
        var wrong = place.Program("a",
            ["run", "--peers", place.Write("wrong.json", settings), "--id", "a", "--out", place.In("x")]);
        await wrong.Exits(2);
        Assert.Contains("w: does not fit the network: \"layers.1.weight\" has the shape [16, 256] in the file and [17, 256] in "
            + "the network", wrong.Text);
    }

    static async Task Does(TestCluster place, string[] arguments, string said)
    {
        var program = place.Program(arguments[0], WithRun(place, arguments));
        await program.Exits(0);
        Assert.Contains(said, program.Text);
    }

    static async Task Refuses(TestCluster place, string[] arguments, params string[] said)
    {
        var program = place.Program(arguments[0], WithRun(place, arguments));
        await program.Exits(2);
        Assert.All(said, text => Assert.Contains(text, program.Text));
        Assert.DoesNotContain("   at ", program.Text);
    }

    static async Task Refused(TestCluster place, string model, params string[] said)
    {
        var settings = place.Settings.DeepClone();
        settings["model"] = JsonNode.Parse(model);
        var run = place.Program("a",
            ["run", "--peers", place.Write("wrong.json", settings), "--id", "a", "--out", place.In("wrong")]);
        await run.Exits(2);
        Assert.All(said, text => Assert.Contains(text, run.Text));
        Assert.DoesNotContain("   at ", run.Text);
    }

    static string[] WithRun(TestCluster place, string[] arguments) =>
        [arguments[0], "--peers", place.PeersFile, "--checkpoint", place.In("out"), .. arguments[1..]];

    static void WriteTestData(TestCluster place)
    {
        using var data = place.Run().OpenData();
        var batch = data.Test.Read([.. Enumerable.Range(0, (int)data.Test.Count).Select(i => (long)i)]);
        File.WriteAllBytes(place.In("images"), MemoryMarshal.AsBytes<float>(batch.Images).ToArray());
        File.WriteAllBytes(place.In("targets"), MemoryMarshal.AsBytes<long>(batch.Targets).ToArray());
    }

    static (double Loss, double Accuracy) Evaluate(TestCluster place, string network, params string[] weights)
    {
        var printed = Python.Run("networks.py", ["evaluate", network, place.In("images"), place.In("targets"), .. weights]);
        double[] numbers = [.. printed.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1]);
    }
}
