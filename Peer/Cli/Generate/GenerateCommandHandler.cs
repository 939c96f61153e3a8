namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Writes text with a trained gpt.</summary>
sealed class GenerateCommandHandler : ICommandHandler<GenerateOptions>
{
    public Task<int> RunAsync(GenerateOptions options, CancellationToken stop)
    {
        TextGenerator.Write(options, Console.OpenStandardOutput());
        return Task.FromResult(ExitCode.Done);
    }
}
