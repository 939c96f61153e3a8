using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>Trains by several methods and writes tables and charts.</summary>
sealed class CompareCommandHandler(TimeProvider time) : ICommandHandler<CompareOptions>
{
    public Task<int> RunAsync(CompareOptions options, CancellationToken stop)
    {
        using var signal = StopSignal.OfTerminal(time, stop, Console.Error);
        using var progress = ProgressLine.OfConsole(time);
        return Task.FromResult(new Comparison(options, Console.Out, Console.Error, progress, time).Run(signal.Token));
    }
}
