using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>One process of <see cref="LibraryBenchmark"/>: a training loop as docs/library.md has it, with the network, data and
/// settings of a peers.json that <c>peer run</c> trains, too.</summary>
static class LibraryPeer
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string Command = "library-peer";

    /// <summary>Arguments: peers.json, our id, our folder.</summary>
    public static async Task Run(string[] arguments)
    {
        set_num_threads(1);
        RunConfig run = RunConfig.Read(arguments[0]);
        using IDataset data = run.OpenData();
        using nn.Module<Tensor, Tensor> network = RunModel.CreateNetwork(run, data, "cpu");
        await using RingClient ring = await RingClient.JoinAsync(arguments[0], arguments[1], new PeerOptions
        {
            Folder = arguments[2],
            OwnFields = RunConfig.TrainingFields,
        });
        using var optimizer = new DistributedLion(network.named_parameters(), ring, run.Training.Rate, run.Training.WeightDecay);
        var sampler = new DistributedSampler(data.Train.Count, ring, run.Training.Batch, run.Training.Seed);
        while (optimizer.WaitForStep())
        {
            using var scope = NewDisposeScope();
            Batch batch = data.Train.Read(sampler.Next());
            // torch.tensor() works on the managed array itself, whose alignment varies; libtorch's own memory does not.
            Tensor inputs = tensor(batch.Images!, batch.InputShape).clone(), targets = tensor(batch.Targets).clone();
            optimizer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(network.call(inputs), targets);
            loss.backward();
            optimizer.step(loss);
        }
    }
}
