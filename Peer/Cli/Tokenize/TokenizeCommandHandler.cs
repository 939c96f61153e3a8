using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>Writes the tokens of texts to train on.</summary>
sealed class TokenizeCommandHandler(TimeProvider time) : ICommandHandler<TokenizeOptions>
{
    public Task<int> RunAsync(TokenizeOptions options, CancellationToken stop)
    {
        using var signal = StopSignal.OfTerminal(time, stop, Console.Error);
        using var progress = ProgressLine.OfConsole(time);
        var succeeded = new Tokenization(options, Console.Out, Console.Error, progress).Run(signal.Token);
        return Task.FromResult(succeeded ? ExitCode.Done : ExitCode.Failed);
    }
}
