using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>How a run begins: with the whole roster, or because a person said so.</summary>
public sealed partial class Member
{
    /// <summary>The view that a run begins with: all peers, and the state that the furthest of them have.</summary>
    View? BuildFirstView(int number, PeerSet without)
    {
        if (!without.IsEmpty)
            return null; // founding needs all
        var states = Enumerable.Range(0, peers.Length).Select(peer =>
        {
            SnapshotInfo? own = snapshots.Newest(SnapshotKind.Shared);
            return peer == Self ? (Peer: peer, Step: own?.Step ?? 0, State: own?.Sha ?? default)
                : (Peer: peer, Step: peers[peer].Hello?.Step ?? 0, State: peers[peer].Hello?.State ?? default);
        }).ToArray();
        // The furthest; of its states the one that most have, of equally many that of the lowest rank.
        var chosen = states.Where(peer => peer.Step == states.Max(other => other.Step)).GroupBy(peer => peer.State)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Min(peer => peer.Peer)).First().First();
        ulong runId = NewNumber();
        return failureDetector.ProposeNext(number) is { IsFinal: false } next
            ? Copy(next, chosen.Step + 1, runId, Digest.OfRunStart(options.Fingerprint.Digest.Span, runId, chosen.State), chosen.State, false)
            : null;
    }

    /// <summary>A person said so: this peer goes on alone, and the others join it.</summary>
    void BootstrapAlone()
    {
        bool heardAll = Enumerable.Range(0, peers.Length).All(peer => peer == Self || failureDetector.HeartbeatOf(peer) is not null);
        if (!heardAll && Since(started) < options.Timings.SuspicionTimeout + options.Timings.HelloInterval)
            return;
        bool again = options.Bootstrap == Bootstrap.ForceNewRing;
        PeerSet inTheWay = PeerSet.Of([.. Enumerable.Range(0, peers.Length).Where(peer =>
            failureDetector.HeartbeatOf(peer) is { } heartbeat && (again ? heartbeat.Is(HeartbeatFlags.Active) : heartbeat.View > 0))]);
        if (!inTheWay.IsEmpty || (!again && acceptor.View.Number > 0))
        {
            if (again)
                throw new RingException($"--refound was refused: {Names(inTheWay)} go on with the run. Start this peer without it: it joins them.");
            bootstrapped = true;
            Raise(new(RingEventKind.Waiting, -1, "--found was not needed: the run was begun before"));
            return;
        }
        SnapshotInfo? own = snapshots.Newest(SnapshotKind.Shared);
        if (own is null || (again && acceptor.View.Number == 0 && journal.LastStep == 0))
            throw new RingException("--refound needs a peer with a state of the run on its disk; this one has none. Start it on the host whose disk is whole.");
        bootstrapped = true;
        ulong runId = NewNumber();
        long first = again ? journal.LastStep + 1 : own.Value.Step + 1;
        var view = new View(again ? View.NextGeneration(acceptor.View.Number) : 1, [Self], [options.Session], first, [acceptor.State.DiskId])
        {
            RunId = runId,
            BaseDigest = again ? journal.DigestAfter(journal.LastStep) : Digest.OfRunStart(options.Fingerprint.Digest.Span, runId, own.Value.Sha),
            InitialWeights = again ? default : own.Value.Sha,
        };
        Install(view);
    }

    static View Copy(View from, long firstStep, ulong runId, Digest chain, Digest weights, bool closed) =>
        new(from.Number, from.Members, [.. from.Members.Select(from.SessionOf)], firstStep, [.. from.Members.Select(from.DiskIdOf)])
        {
            RunId = runId,
            BaseDigest = chain,
            InitialWeights = weights,
            IsFinal = closed,
        };
}
