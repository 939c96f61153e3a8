namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The facts of a run beside its metrics.</summary>
/// <param name="Title">The run's name.</param>
/// <param name="Subtitle">A line about it; null: nothing more is known.</param>
/// <param name="Roster">The ids of all peers in the roster's order; empty: only the metrics name them.</param>
/// <param name="Folder">The folder that the metrics are read from.</param>
sealed record RunDescription(string Title, string? Subtitle, IReadOnlyList<string> Roster, string Folder);
