using System.Text.Json.Nodes;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Integration.Tests;

/// <summary>A program of one's own and <c>peer run</c> with the same network in a file.</summary>
public sealed class LibraryParityTests
{
    const int Steps = 10;

    // TorchScript's executor and TorchSharp's modules run the same operations, but fuse and round them differently.
    const double Tolerance = 1e-5;

    [PythonFact("torch")]
    public async Task A_network_in_a_program_and_the_same_in_a_file_have_the_same_losses()
    {
        using var place = new TestCluster(2, $$"""
            { "steps": {{Steps}}, "batch": 16, {{TestCluster.AllVote}},
              "model": { "kind": "torchscript", "path": "conv.pt", "start": "conv.safetensors" } }
            """, pooled: true);
        Python.Run("networks.py", "make", place.In(), "conv");
        Python.Run("networks.py", "state", place.In(), "conv");
        await place.Train();
        var file = place.Metrics("a").OfType<Stepped>().Select(step => step.Loss!.Value).ToArray();

        var run = place.Run();
        var roster = place.Write("program.json", new JsonObject
        {
            ["run"] = "program",
            ["insecure"] = true,
            ["deadline"] = "off",
            ["suspectAfter"] = 60,
            ["peers"] = place.Settings["peers"]!.DeepClone(),
        });
        var programs = await Task.WhenAll(place.Names.Select(id => Task.Factory.StartNew(
            () => Train(run, roster, id, place.In($"program-{id}")), TaskCreationOptions.LongRunning).Unwrap()));

        Assert.Equal(Steps, file.Length);
        Assert.All(programs, losses => Assert.Equal(programs[0], losses));
        for (var step = 0; step < Steps; step++)
            Assert.Equal(file[step], programs[0][step], Tolerance);
    }

    static async Task<double[]> Train(RunConfig run, string roster, string id, string folder)
    {
        using var data = run.OpenData();
        using var network = new Conv();
        StartWeights.Apply(run.Start!, network);
        await using var ring = await RingClient.JoinAsync(roster, id, new PeerOptions { Folder = folder });
        using var optimizer = new DistributedLion(network.named_parameters(), ring,
            LearningRate.Cosine(run.Training.LearningRate, run.Training.Warmup, Steps, run.Training.FinalLearningRate),
            weight_decay: run.Training.WeightDecay);
        var sampler = new DistributedSampler(data.Train.Count, ring, run.Training.Batch, run.Training.Seed);
        var losses = new List<double>();
        optimizer.StepApplied += applied => losses.Add(applied.Loss!.Value);
        while (optimizer.CurrentStep < Steps)
        {
            using var scope = NewDisposeScope();
            Batch batch = data.Train.Read(sampler.Next(), sampler.Positions);
            optimizer.zero_grad();
            var x = tensor(batch.Images!).view(-1, 1, 16, 16);
            var loss = nn.functional.cross_entropy(network.call(x), tensor(batch.Targets));
            loss.backward();
            optimizer.step(loss);
        }
        return [.. losses];
    }

    /// <summary>[batch, 1, 16, 16] → [batch, 10], as in networks.py.</summary>
    sealed class Conv : nn.Module<Tensor, Tensor>
    {
        readonly Conv2d conv = nn.Conv2d(1, 4, 3, padding: 1);
        readonly Linear fc = nn.Linear(4 * 8 * 8, 10);

        public Conv()
            : base(nameof(Conv)) => RegisterComponents();

        public override Tensor forward(Tensor x) =>
            fc.call(nn.functional.max_pool2d(nn.functional.relu(conv.call(x)), 2).flatten(1));
    }
}
