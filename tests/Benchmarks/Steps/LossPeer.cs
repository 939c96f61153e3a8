using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>One process of the measurement of time to a loss: it trains the ViT on CIFAR-10 with the library. Started by the
/// benchmark itself, see <see cref="Exchange.Contender"/>; after each number of steps it says the loss on its share of the test
/// part.</summary>
static class LossPeer
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string Command = "loss-peer";

    const double Clip = 1, WeightDecay = 0.1;

    /// <summary>Arguments: peers.json, our id, our place among the peers, the contender's name, the batch, CIFAR-10's folder, the
    /// learning rate.</summary>
    public static async Task Run(string[] arguments, TextReader input, TextWriter output)
    {
        set_num_threads(1);
        int place = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        StepSetup setup = StepSetup.All.Single(known => known.Name == arguments[3]);
        int batch = int.Parse(arguments[4], CultureInfo.InvariantCulture);
        using var data = new Cifar10(arguments[5]);
        double rate = double.Parse(arguments[6], CultureInfo.InvariantCulture);
        using nn.Module<Tensor, Tensor> network = ModelCase.Vit.Network();
        var classifier = new Classifier(network, CPU);
        await using RingClient ring = await RingClient.JoinAsync(arguments[0], arguments[1], new PeerOptions
        {
            Folder = Path.Combine(Path.GetDirectoryName(arguments[0])!, arguments[1]),
        });
        using var optimizer = new DistributedLion(network.named_parameters(), ring, LearningRate.Constant(rate), WeightDecay,
            options: new MethodOptions { Delay = setup.Delay, LocalSteps = setup.LocalSteps });
        var sampler = new DistributedSampler(data.Train.Count, ring, batch);
        long quarter = data.Test.Count / ring.PeerIds.Count;
        var test = new SplitSlice(data.Test, place * quarter, quarter);
        output.WriteLine("ready");
        output.Flush();
        while (input.ReadLine() is { } line)
        {
            var seconds = new double[int.Parse(line, CultureInfo.InvariantCulture)];
            for (int at = 0; at < seconds.Length; at++)
            {
                long start = Stopwatch.GetTimestamp();
                optimizer.zero_grad();
                float loss = classifier.Backward([data.Train.Read(sampler.Next())], Clip);
                optimizer.step(loss);
                seconds[at] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"loss={classifier.Evaluate(test, quarter, 100).Loss} seconds={string.Join(',', seconds)}"));
            output.Flush();
        }
    }
}
