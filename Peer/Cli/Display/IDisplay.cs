using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>Shows a board to a person. Called from one thread at a time.</summary>
interface IDisplay : IDisposable
{
    /// <summary>The board has an event more.</summary>
    void Updated(RunStatus status, string peer, PeerEvent happened);

    /// <summary>Time has passed, about four times a second.</summary>
    void Tick(RunStatus status);
}
