using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>Computes and prints what a step would cost.</summary>
sealed class PlanCommandHandler : ICommandHandler<PlanOptions>
{
    public Task<int> RunAsync(PlanOptions options, CancellationToken stop)
    {
        var plan = CostModel.Of(options);
        if (options.Json)
            JsonReport.Write(plan, Console.Out);
        else
            PlanText.Write(plan, Console.Out);
        return Task.FromResult(ExitCode.Done);
    }
}
