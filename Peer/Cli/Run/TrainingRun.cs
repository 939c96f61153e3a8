using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;
using TorchSharp;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>The training of peers.json's network on its data, with the library as any program uses it.</summary>
/// <param name="run">peers.json.</param>
/// <param name="options">This host's options.</param>
/// <param name="ring">The ring.</param>
/// <param name="time">The clock.</param>
sealed class TrainingRun(RunConfig run, RunOptions options, RingClient ring, TimeProvider time)
{
    readonly TrainingSettings training = run.Training;
    readonly GradientDelay delay = new(options.Slow);

    /// <summary>Trains until the last step, or until asked to leave.</summary>
    /// <param name="data">What is trained and tested on.</param>
    /// <param name="network">The network; it is moved to the options' device.</param>
    /// <param name="stop">Ends the waiting of a slow peer, and evaluations.</param>
    /// <exception cref="NonFiniteGradientException">Too many gradients in a row were not finite.</exception>
    public void Train(IDataset data, torch.nn.Module<torch.Tensor, torch.Tensor> network, CancellationToken stop)
    {
        var index = run.Roster.Find(ring.Id)!.Index;
        var split = run.Data.Partition.ShardOf(data, index, run.Roster.Count, training.Seed);
        if (split.Count < data.Train.Count)
            ring.Record(new Note($"data.partition is {run.Data.Partition}: this peer has {split.Count} of the {data.Train.Count} "
                + "samples, and nobody else has them"));
        var device = torch.device(options.Device);
        var parameters = NetworkParameters.Of(network, device);
        var classifier = new Classifier(network, device);
        using var optimizer = new DistributedOptimizer(WeightDecayGroups.Of(parameters, training), ring, training.Rate,
            training.WeightDecay, training.Options, network.named_buffers());
        var sampler = new DistributedSampler(data.Train.Count, ring, training.Batch, training.Seed, new SamplerOptions
        {
            GlobalBatch = training.GlobalBatch,
            Accumulate = training.Accumulate,
            Partition = run.Data.Partition,
            OwnCount = split.Count,
        });
        var evaluator = new Evaluator(training, ring, optimizer, classifier, data.Test, split, time, stop);
        optimizer.StepApplied += evaluator.OnStepApplied;

        while (optimizer.WaitForStep())                     // applies what was decided; false: the run is over for this peer
        {
            var began = time.GetTimestamp();
            optimizer.zero_grad();
            var loss = classifier.Backward(Batches(), training.GradientClip);       // g = ∇f(x) on this peer's samples
            Slow(time.GetElapsedTime(began), stop);
            optimizer.step(loss);                           // votes, and applies the majority's step: x ← x·(1 − lr·λ) − lr·Δ
        }
        if (optimizer.CurrentStep == training.Steps && ring.IsLowestRanked)
            evaluator.Evaluate(0);

        IEnumerable<Batch> Batches()
        {
            for (int left = sampler.MiniBatches; left > 0; left--)
                yield return split.Read(sampler.Next(), sampler.Positions);
        }
    }

    /// <summary>Waits as long as a slower host would have computed.</summary>
    void Slow(TimeSpan took, CancellationToken stop)
    {
        if (options.Slow > 1)
            Task.Delay(delay.After(took), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing)
                .GetAwaiter().GetResult();
    }
}
