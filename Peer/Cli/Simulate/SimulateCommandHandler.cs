using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>Runs the simulation of the ring seed by seed.</summary>
sealed class SimulateCommandHandler(TimeProvider time) : ICommandHandler<SimulateOptions>
{
    public Task<int> RunAsync(SimulateOptions options, CancellationToken stop)
    {
        using var signal = StopSignal.OfTerminal(time, stop, Console.Error);
        using var progress = ProgressLine.OfConsole(time);
        return Task.FromResult(new SeedRuns(options, Console.Out, Console.Error, progress, time).Run(signal.Token));
    }
}
