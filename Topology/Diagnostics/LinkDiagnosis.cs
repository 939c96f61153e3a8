using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>The findings about the link with one other peer.</summary>
/// <param name="Peer">Its roster index.</param>
sealed record LinkDiagnosis(int Peer)
{
    /// <summary>Why we cannot listen for it; null: we do.</summary>
    public string? ListenError { get; init; }

    /// <summary>True when anything came from it: it reaches us.</summary>
    public bool ReachesUs { get; init; }

    /// <summary>True when it has heard us: we reach it.</summary>
    public bool ReachedByUs { get; init; }

    /// <summary>True when a frame of the largest size went there and came back.</summary>
    public bool CarriesLongFrames { get; init; }

    /// <summary>True when our connection to it stood for a while: its handshake was done.</summary>
    public bool IsConnected { get; init; }

    /// <summary>The number of our connections to it that were closed.</summary>
    public int Breaks { get; init; }

    /// <summary>The latest result of dialling its port; null: nothing is known, or there was no need to.</summary>
    public DialResult? Dial { get; init; }

    /// <summary>The port at which it says that it listens; 0: it has not reached us, or links are insecure.</summary>
    public int ListeningPort { get; init; }

    /// <summary>The fields in which its settings differ.</summary>
    public IReadOnlyList<FingerprintDifference> Differences { get; init; } = [];

    /// <summary>From an ask to its answer, the shortest.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>The time by which its clock is ahead of ours, exact to half of <see cref="RoundTrip"/>.</summary>
    public TimeSpan? ClockAhead { get; init; }
}
