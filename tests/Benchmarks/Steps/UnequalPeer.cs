using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Peer.Metrics;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>
/// One process of the measurement of unequal hosts: a program that trains with the library, and whose gradients take a set time
/// for each sample, as on a device of its own. It trains until its input ends, and answers each line with what it has done.
/// </summary>
sealed class UnequalPeer
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string Command = "unequal-peer";

    const int Inputs = 64, Classes = 10, AloneGradients = 20;

    readonly Lock door = new();
    readonly Dictionary<long, int> batches = [];
    readonly string id;
    readonly TimeSpan perSample;
    readonly nn.Module<Tensor, Tensor> network =
        nn.Sequential(nn.Linear(Inputs, 256), nn.ReLU(), nn.Linear(256, Classes));

    long counted, steps;
    int batch;

    UnequalPeer(string id, TimeSpan perSample) => (this.id, this.perSample) = (id, perSample);

    /// <summary>Arguments: peers.json, our id, microseconds of a sample, our batch, samples of a step.</summary>
    public static async Task Run(string[] arguments, TextReader input, TextWriter output)
    {
        set_num_threads(1);
        int Number(int at) => int.Parse(arguments[at], CultureInfo.InvariantCulture);
        var peer = new UnequalPeer(arguments[1], TimeSpan.FromMicroseconds(Number(2)));
        double alone = peer.RateAlone(Number(3));
        await using RingClient ring = await RingClient.JoinAsync(arguments[0], arguments[1], new PeerOptions
        {
            Folder = Path.Combine(Path.GetDirectoryName(arguments[0])!, arguments[1]),
            OnEvent = peer.OnEvent,
        });
        var training = Task.Run(() => peer.Train(ring, Number(3), Number(4)));
        output.WriteLine("ready");
        output.Flush();
        while (await input.ReadLineAsync() is not null)
        {
            lock (peer.door)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"alone={alone} samples={peer.counted} steps={peer.steps} batch={peer.batch} seconds=0"));
            }
            output.Flush();
        }
        ring.RequestStop();
        await training;
    }

    void Train(RingClient ring, int own, int all)
    {
        using var optimizer = new DistributedLion(network.named_parameters(), ring, LearningRate.Constant(1e-4));
        var sampler = new DistributedSampler(1_000_000, ring, own, options: new() { GlobalBatch = all });
        while (optimizer.WaitForStep())
        {
            using var scope = NewDisposeScope();
            long begin = Stopwatch.GetTimestamp(), step = optimizer.CurrentStep + 1;
            int samples = sampler.Next().Length;
            lock (door)
                batches[step] = batch = samples;
            optimizer.zero_grad();
            Gradient(samples, begin);
            optimizer.step();
        }
    }

    double RateAlone(int samples)
    {
        using var scope = NewDisposeScope();
        Gradient(samples, Stopwatch.GetTimestamp()); // compiles
        long begin = Stopwatch.GetTimestamp();
        for (int gradient = 0; gradient < AloneGradients; gradient++)
            Gradient(samples, Stopwatch.GetTimestamp());
        return AloneGradients * samples / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    void Gradient(int samples, long begin)
    {
        nn.functional.cross_entropy(network.call(rand(samples, Inputs)), zeros(samples, int64)).backward();
        TimeSpan rest = (samples * perSample) - Stopwatch.GetElapsedTime(begin);
        if (rest > TimeSpan.Zero)
            Thread.Sleep(rest);
    }

    void OnEvent(PeerEvent happened)
    {
        if (happened is Fault { What: "waiting" or "refused" } fault)
            Console.Error.WriteLine($"{id}: {fault.Text}");
        if (happened is not Stepped step)
            return;
        lock (door)
        {
            steps++;
            if (batches.Remove(step.Step, out int samples) && !step.Abstained.Contains(id) && !step.Away.Contains(id))
                counted += samples;
        }
    }
}
