namespace DecentralizedLion.Peer.Cli;

/// <summary>The work of one command.</summary>
/// <typeparam name="TOptions">The command's options.</typeparam>
interface ICommandHandler<in TOptions>
{
    /// <summary>Does what the options ask for.</summary>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(TOptions options, CancellationToken stop);
}
