using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The state of a peer, in a word, as its own events and the others' tell it.</summary>
static class PeerState
{
    /// <summary>Its process has been started and has said nothing yet.</summary>
    public const string Starting = "starting";

    /// <summary>It votes.</summary>
    public const string Training = "training";

    /// <summary>It takes part, but its ballot was not in the last step. Where it says why, its state is the text of an
    /// <see cref="AbstentionReason"/>.</summary>
    public const string Late = "late";

    /// <summary>It is not in the view: removed, or not admitted yet.</summary>
    public const string Away = "away";

    /// <summary>It gets records or a snapshot from another peer.</summary>
    public const string Fetching = "fetching";

    /// <summary>It has no quorum.</summary>
    public const string Paused = "paused";

    /// <summary>It waits for other peers.</summary>
    public const string Waiting = "waiting";

    /// <summary>Others have not heard of it for a while.</summary>
    public const string Suspected = "silent";

    /// <summary>Its replica was found to be wrong and goes back to an earlier state.</summary>
    public const string Repairing = "repairing";

    /// <summary>It leaves in order.</summary>
    public const string Leaving = "leaving";

    /// <summary>Its process ended without a word.</summary>
    public const string Gone = "gone";

    /// <summary>The state of the telling peer after a fault; null: as before.</summary>
    public static string? StateOfReporter(Fault fault) => fault.What switch
    {
        "paused" => Paused,
        "waiting" => Waiting,
        "resumed" or "recovered" => Training,
        "fetched" => fault.Seconds is null ? Fetching : Training, // without a length it has only begun
        _ => null,
    };

    /// <summary>The state of the peer that a fault is about, told by any; null: as before.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="state">Its state so far.</param>
    public static string? StateOfSubject(Fault fault, string state) => fault.What switch
    {
        _ when state is Starting or Gone => null, // its own process knows better, or is not there to know
        "suspected" when state != Away => Suspected,
        "removed" => Away,
        "admitted" or "joined" => Training,
        "diverged" => Repairing,
        "leaving" => Leaving,
        "greeted" when state == Suspected => Training,
        _ => null,
    };
}
