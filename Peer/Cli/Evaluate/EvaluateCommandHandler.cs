using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Evaluate;

/// <summary>Measures trained weights on the test part of the data.</summary>
sealed class EvaluateCommandHandler : ICommandHandler<EvaluateOptions>
{
    public Task<int> RunAsync(EvaluateOptions options, CancellationToken stop)
    {
        using var trained = TrainedModel.Load(options);
        var samples = options.Samples == 0 ? trained.Data.Test.Count : options.Samples;
        var result = trained.Model.Evaluate(trained.Data.Test, samples, RunModel.EvaluationBatch);
        Console.WriteLine($"{trained.File}");
        Console.WriteLine($"test accuracy  {Format.Percent(result.Accuracy)}");
        Console.WriteLine($"test loss      {Format.Number(result.Loss)} nats");
        Console.WriteLine($"samples        {result.Samples}");
        return Task.FromResult(ExitCode.Done);
    }
}
