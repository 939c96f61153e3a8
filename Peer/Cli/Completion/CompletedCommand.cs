namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>A command as a shell completes it.</summary>
/// <param name="Name">The command.</param>
/// <param name="Text">What it does, in a sentence.</param>
/// <param name="Options">Its options, --help among them.</param>
/// <param name="Argument">Its words beside options; null for none.</param>
sealed record CompletedCommand(string Name, string Text, IReadOnlyList<CompletedOption> Options, CompletedValue? Argument);
