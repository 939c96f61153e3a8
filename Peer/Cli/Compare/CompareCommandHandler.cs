namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>Trains by several methods and writes tables and charts.</summary>
sealed class CompareCommandHandler(TimeProvider time) : ICommandHandler<CompareOptions>
{
    public Task<int> RunAsync(CompareOptions options, CancellationToken stop)
    {
        using var signal = StopSignal.OfTerminal(time, stop, Console.Error);
        return Task.FromResult(new Comparison(options, Console.Out, Console.Error, time).Run(signal.Token));
    }
}
