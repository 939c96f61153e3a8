namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>Runs the simulation of the ring seed by seed.</summary>
sealed class SimulateCommandHandler(TimeProvider time) : ICommandHandler<SimulateOptions>
{
    public Task<int> RunAsync(SimulateOptions options, CancellationToken stop)
    {
        using var signal = StopSignal.OfTerminal(time, stop, Console.Error);
        return Task.FromResult(new SeedRuns(options, Console.Out, Console.Error, time).Run(signal.Token));
    }
}
