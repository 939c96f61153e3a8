namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>An option as a shell completes it.</summary>
/// <param name="Name">The option, with its dashes.</param>
/// <param name="Text">What it says, in a line.</param>
/// <param name="Value">Its value.</param>
sealed record CompletedOption(string Name, string Text, CompletedValue Value);
