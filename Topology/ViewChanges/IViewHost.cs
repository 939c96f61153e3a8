using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The services that a view change needs of the member it is a part of, and the results that it reports to it.</summary>
interface IViewHost
{
    /// <summary>True when this member thinks that the present view must change.</summary>
    bool IsChangeNeeded { get; }

    /// <summary>True when this member agrees that the present view may change.</summary>
    bool IsChangeAccepted => IsChangeNeeded;

    /// <summary>The newest step in its journal and the chain's digest after it.</summary>
    (long Step, Digest Chain) LastRecord { get; }

    /// <summary>The disk id a peer greeted with; 0: none did.</summary>
    ulong DiskIdOf(int peer);

    /// <summary>The view to propose, from what is known of the peers at this moment; null when there is none to
    /// propose.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="firstStep">Its first step.</param>
    /// <param name="chain">The chain's digest before that.</param>
    /// <param name="without">Peers that are not to be members, because they did not catch up.</param>
    View? BuildView(int number, long firstStep, Digest chain, PeerSet without);

    /// <summary>True when every step before a view's first is in the journal.</summary>
    bool HoldsAllBefore(View view);

    /// <summary>Fetches what is missing before a view's first step; <see cref="ViewChange.Retry"/> is called when it is
    /// there.</summary>
    void RequestPrerequisites(View view, int holder);

    /// <summary>A later view was promised.</summary>
    void OnPromised();

    /// <summary>A view was decided.</summary>
    void OnDecided(View view);

    /// <summary>Sends a message of the present view's number + 1.</summary>
    void Send(int to, FrameKind kind, int number, in ViewMessage message);
}
