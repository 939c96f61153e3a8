namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>Something that a person should look at.</summary>
/// <param name="Severity">Its weight.</param>
/// <param name="Title">What it is.</param>
/// <param name="Advice">What to do about it; null: nothing.</param>
/// <param name="Peer">The peer that it is about; null: no single one.</param>
sealed record Alert(Severity Severity, string Title, string? Advice, string? Peer);
