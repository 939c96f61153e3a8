using DecentralizedLion.Models;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Evaluate;

/// <summary>Measures trained weights on the test part of the data.</summary>
sealed class EvaluateCommandHandler(TextWriter output, TimeProvider time) : ICommandHandler<EvaluateOptions>
{
    public Task<int> RunAsync(EvaluateOptions options, CancellationToken stop)
    {
        using var trained = TrainedModel.Load(options);
        var samples = options.Samples == 0 ? trained.Data.Test.Count : Math.Min(options.Samples, trained.Data.Test.Count);
        Evaluation result;
        using (var progress = ProgressLine.OfConsole(time))
            result = trained.Model.Evaluate(trained.Data.Test, samples, RunModel.EvaluationBatch,
                done => progress.Report((double)done / samples, $"{done} of {samples} samples"));
        var report = new EvaluationReport(trained.File, result.Loss, result.Accuracy, result.Samples);
        if (options.Json)
            JsonReport.Write(report, output);
        else
            report.Write(output);
        return Task.FromResult(ExitCode.Done);
    }
}
