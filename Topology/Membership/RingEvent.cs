namespace DecentralizedLion.Topology.Membership;

/// <summary>What an operator should hear of.</summary>
public enum RingEventKind
{
    /// <summary>A peer answered for the first time.</summary>
    Greeted,

    /// <summary>All peers are there; training starts.</summary>
    Founded,

    /// <summary>The state is fetched, or was fetched, from another peer.</summary>
    Fetched,

    /// <summary>The ring waits, and for whom.</summary>
    Waiting,

    /// <summary>The peer that was waited for is back.</summary>
    Resumed,

    /// <summary>A peer with other settings was refused.</summary>
    Refused,

    /// <summary>A peer leaves in order.</summary>
    Leaving,

    /// <summary>Members hold one step with different digests.</summary>
    Diverged,
}

/// <summary>One line for the operator.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Peer">To whom: a roster index, or −1.</param>
/// <param name="Text">A sentence: what happened and what to do.</param>
public readonly record struct RingEvent(RingEventKind Kind, int Peer, string Text);

/// <summary>The ring cannot go on; the message says why and what to do.</summary>
public class RingException(string message) : Exception(message);

/// <summary>Members hold one step with different digests.</summary>
/// <param name="message">Who differs, in what.</param>
/// <param name="isOurs">See <see cref="IsOurs"/>.</param>
public sealed class DivergenceException(string message, bool isOurs) : RingException(message)
{
    /// <summary>This peer's own state is not that of a quorum: it must not be written down as the run's.</summary>
    public bool IsOurs { get; } = isOurs;
}
