using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>Something a child did: said an event, printed a line, or ended.</summary>
/// <param name="Peer">Whose.</param>
/// <param name="Event">What it said about training; else null.</param>
/// <param name="ExitCode">How it ended; else null.</param>
readonly record struct ChildReport(ChildPeer Peer, PeerEvent? Event, int? ExitCode);
