using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Stores;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Transport;
using TorchSharp;

namespace DecentralizedLion.Benchmarks.Machinery;

/// <summary>
/// One peer that trains as the program does, with the machinery for faults on or off. Started by the benchmark itself, see
/// <see cref="Contender"/>.
/// </summary>
static class MachineryPeer
{
    /// <summary>Arguments: peers.json, our index, a <see cref="MachineryMode"/>, an empty folder.</summary>
    public static void Run(string[] arguments, TextReader input, TextWriter output)
    {
        torch.set_num_threads(1);
        RunConfig run = RunConfig.Read(arguments[0]);
        TrainingSettings training = run.Training;
        int self = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var mode = Enum.Parse<MachineryMode>(arguments[2]);
        using var data = run.Data.Open();
        using var model = RunModel.Create(run, data, "cpu");
        var replica = new Replica(model.Parameters, OptimizerFactory.Create(training.Options, model.Layout, self, training.Seed),
            new PooledSampler(data.Train.Count, training.BatchSize,
            Sampler.InitialState([.. run.Roster.Peers.Select(peer => peer.Index)])));
        using StepJournal journal = StepJournal.Open(arguments[3], model.Count, TimeProvider.System, null);
        var options = new RingOptions
        {
            PeerIds = [.. run.Roster.Peers.Select(peer => peer.Id)],
            SelfIndex = self,
            Fingerprint = run.Fingerprint(FrameHeader.ProtocolVersion, model.Count, data),
            ParameterCount = model.Count,
            RatesOf = _ => new StepRates(training.LearningRate, training.WeightDecay),
            Timings = TimingsOf(mode),
        };
        using var ring = new Ring(TransportEndpoints.Of(run.Roster, options.SelfIndex, null), options,
            mode == MachineryMode.Off ? new NoJournal() : journal, new OneState(), new ViewsInMemory(),
            happened => Tell(happened, self));
        var trainer = new MeteredTrainer(training, self, model, data.Train, replica, ring)
        {
            Digests = mode != MachineryMode.Off,
        };
        ring.Start();
        var thread = new RingThread();
        trainer.ToNextBallot();
        output.WriteLine("ready");
        output.Flush();
        (long idleSince, double idleBefore) = (Stopwatch.GetTimestamp(), CpuSeconds());
        while (input.ReadLine() is { } line)
        {
            (double idle, double idleCpu) = (Stopwatch.GetElapsedTime(idleSince).TotalSeconds, CpuSeconds() - idleBefore);
            double cpu = CpuSeconds(), onRing = thread.Seconds;
            double digests = trainer.DigestSeconds, gradients = trainer.GradientSeconds;
            double[] seconds = trainer.Steps(int.Parse(line, CultureInfo.InvariantCulture));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"cpu={CpuSeconds() - cpu} ring={thread.Seconds - onRing} digests={trainer.DigestSeconds - digests} "
                + $"gradients={trainer.GradientSeconds - gradients} idle={idle} idlecpu={idleCpu} chain={replica.Chain.Short} "
                + $"seconds={string.Join(',', seconds)}"));
            output.Flush();
            (idleSince, idleBefore) = (Stopwatch.GetTimestamp(), CpuSeconds());
        }
    }

    /// <summary>Off: no sign of life that matters, and no ballot is late. Some remain, or a lost greeting would never be made
    /// good.</summary>
    static RingTimings TimingsOf(MachineryMode mode) => mode switch
    {
        MachineryMode.On => RingTimings.Default,
        MachineryMode.Awaited => RingTimings.Default with { UseStragglerDeadline = false },
        _ => RingTimings.Default with
        {
            UseStragglerDeadline = false,
            HeartbeatInterval = TimeSpan.FromSeconds(10),
            SuspicionTimeout = TimeSpan.FromHours(1),
            TickInterval = TimeSpan.FromSeconds(1),
            ResendDelay = TimeSpan.FromSeconds(2),
        },
    };

    static double CpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    static void Tell(RingEvent happened, int self)
    {
        if (happened.Kind is not (RingEventKind.Connected or RingEventKind.Bootstrapped or RingEventKind.Rejoined))
            Console.Error.WriteLine($"peer {self}: {happened.Text}");
    }
}
