using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Metrics;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>One process of the measurement of whole steps: a program that trains with the library, as a user's does, or computes
/// the same gradient alone. Started by the benchmark itself, see <see cref="Exchange.Contender"/>.</summary>
static class StepPeer
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string Command = "step-peer";

    /// <summary>Arguments: peers.json, our id, the network, its batch, the contender's name, our network device, and the
    /// milliseconds that a gradient takes on something that is not the CPU (0: it is computed on the CPU).</summary>
    public static async Task Run(string[] arguments, TextReader input, TextWriter output)
    {
        set_num_threads(1);
        ModelCase one = StepSetup.Network(arguments[2]) with { Batch = int.Parse(arguments[3], CultureInfo.InvariantCulture) };
        StepSetup setup = StepSetup.All.Single(known => known.Name == arguments[4]);
        using nn.Module<Tensor, Tensor> network = one.Network();
        Batch batch = one.Draw();
        using Tensor inputs = batch.Images is { } images
            ? tensor(images, batch.InputShape).clone() : tensor(batch.Tokens!, batch.InputShape).clone();
        using Tensor targets = tensor(batch.Targets).clone();
        var pace = TimeSpan.FromMilliseconds(int.Parse(arguments[6], CultureInfo.InvariantCulture));
        float? paced = null;
        if (setup.IsAlone)
        {
            Answer(input, output, arguments[5], () => Gradient(() => network.zero_grad()), () => "");
            return;
        }
        await using RingClient ring = await RingClient.JoinAsync(arguments[0], arguments[1], new PeerOptions
        {
            Folder = Path.Combine(Path.GetDirectoryName(arguments[0])!, arguments[1]),
            OnEvent = happened => Tell(happened, arguments[1]),
        });
        using var optimizer = new DistributedLion(network.named_parameters(), ring, LearningRate.Constant(1e-4),
            options: new MethodOptions { Delay = setup.Delay, LocalSteps = setup.LocalSteps });
        // The samples are always the same ones; the sampler says how many gradients a vote has.
        var sampler = new DistributedSampler(1_000_000, ring, one.Batch);
        long missing = 0;
        optimizer.StepApplied += applied => missing += ring.PeerIds.Count - applied.Voters;
        Answer(input, output, arguments[5], RingStep,
            () => string.Create(CultureInfo.InvariantCulture, $" missing={missing}"));

        void RingStep()
        {
            sampler.Next();
            optimizer.step(Gradient(optimizer.zero_grad));
        }

        // A paced gradient is the first one again, after the time that a device would take.
        float Gradient(Action zeroGrad)
        {
            if (paced is { } same)
            {
                Thread.Sleep(pace);
                return same;
            }
            using var scope = NewDisposeScope();
            zeroGrad();
            Tensor loss = nn.functional.cross_entropy(network.call(inputs), targets);
            loss.backward();
            float value = loss.item<float>();
            if (pace > TimeSpan.Zero)
                paced = value;
            return value;
        }
    }

    static void Answer(TextReader input, TextWriter output, string device, Action step, Func<string> more)
    {
        output.WriteLine("ready");
        output.Flush();
        while (input.ReadLine() is { } line)
        {
            var seconds = new double[int.Parse(line, CultureInfo.InvariantCulture)];
            (double cpu, long wire) = (CpuSeconds(), Sent(device));
            for (int at = 0; at < seconds.Length; at++)
            {
                long start = Stopwatch.GetTimestamp();
                step();
                seconds[at] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"cpu={CpuSeconds() - cpu} wire={Sent(device) - wire}{more()} seconds={string.Join(',', seconds)}"));
            output.Flush();
        }
    }

    static void Tell(PeerEvent happened, string id)
    {
        if (happened is Fault { What: "waiting" or "refused" } fault)
            Console.Error.WriteLine($"{id}: {fault.Text}");
    }

    static double CpuSeconds()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }

    static long Sent(string device) =>
        long.Parse(File.ReadAllText($"/sys/class/net/{device}/statistics/tx_bytes"), CultureInfo.InvariantCulture);
}
