namespace DecentralizedLion.Peer.Cli.Logging;

/// <summary>The form of what a run prints.</summary>
enum LogFormat
{
    /// <summary>A table, or lines for people.</summary>
    Text,

    /// <summary>An object of JSON a line, for programs.</summary>
    Json,
}
