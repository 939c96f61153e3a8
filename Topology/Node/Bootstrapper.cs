using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The bootstrap of a run: with the whole roster, or from one peer because the operator said so.</summary>
sealed class Bootstrapper(MemberServices services)
{
    readonly RingOptions options = services.Options;
    readonly RemotePeer[] peers = services.Peers;
    readonly IJournal journal = services.Journal;
    readonly ISnapshotStore snapshots = services.Snapshots;
    readonly MemberState state = services.State;
    readonly FailureDetector failureDetector = services.FailureDetector;
    readonly ViewPlanner planner = services.Planner;
    bool bootstrapped;

    int Self => options.SelfIndex;

    /// <summary>The operator said that this peer begins the run alone, and it has not done so yet.</summary>
    public bool IsDue => options.Bootstrap != Bootstrap.AllPeers && !bootstrapped;

    /// <summary>The view that a run begins with: all peers, and the state that the furthest of them have.</summary>
    public View? BuildFirstView(int number, PeerSet without)
    {
        if (!without.IsEmpty)
            return null; // a run begins with all peers
        var states = Enumerable.Range(0, peers.Length).Select(peer =>
        {
            SnapshotInfo? own = snapshots.Newest(SnapshotKind.Shared);
            return peer == Self ? (Peer: peer, Step: own?.Step ?? 0, State: own?.Sha ?? default)
                : (Peer: peer, Step: peers[peer].Hello?.Step ?? 0, State: peers[peer].Hello?.State ?? default);
        }).ToArray();
        // The furthest; of its states the one that most have, of equally many that of the lowest rank.
        var chosen = states.Where(peer => peer.Step == states.Max(other => other.Step)).GroupBy(peer => peer.State)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Min(peer => peer.Peer)).First().First();
        ulong runId = services.NewNumber();
        return planner.ProposeNext(number) is { IsFinal: false } next
            ? Copy(next, chosen.Step + 1, runId, BaseDigest(runId, chosen.State),
                planner.Batches.SharesOf(next.Members, state.View, chosen.Step + 1), chosen.State)
            : null;
    }

    /// <summary>
    /// The view of a peer that continues alone because the operator said so, and that the others join; null: not now.
    /// </summary>
    public View? TryBuildOwnView()
    {
        bool heardAll = Enumerable.Range(0, peers.Length)
            .All(peer => peer == Self || failureDetector.HeartbeatOf(peer) is not null);
        if (!heardAll && services.Since(state.StartedAt) < services.Timings.SuspicionTimeout + options.Timings.HelloInterval)
            return null;
        bool again = options.Bootstrap == Bootstrap.ForceNewRing;
        PeerSet inTheWay = PeerSet.Of([.. Enumerable.Range(0, peers.Length).Where(peer =>
            failureDetector.HeartbeatOf(peer) is { } heartbeat
                && (again ? heartbeat.Is(HeartbeatFlags.Active) : heartbeat.View > 0))]);
        if (!inTheWay.IsEmpty || (!again && state.View.Number > 0))
        {
            if (again)
                throw new RingException($"--force-new-ring was refused: {services.Names(inTheWay)} still "
                    + $"{(inTheWay.Count == 1 ? "trains" : "train")} this run. Start this peer without the flag; it joins them.");
            bootstrapped = true;
            services.Raise(new(RingEventKind.Ignored, -1,
                "--bootstrap was ignored: this run has already begun. Leave the flag out next time"));
            return null;
        }
        SnapshotInfo? own = snapshots.Newest(SnapshotKind.Shared);
        if (own is null || (again && state.View.Number == 0 && journal.LastStep == 0))
            throw new RingException("--force-new-ring needs steps of the run on the peer's disk, and this peer has none. "
                + "Use it on a host whose folder is intact.");
        bootstrapped = true;
        ulong runId = services.NewNumber();
        long first = again ? journal.LastStep + 1 : own.Value.Step + 1;
        int number = again ? View.NextGeneration(state.View.Number) : 1;
        return new View(number, [Self], [options.Session], first, [state.DiskId])
        {
            RunId = runId,
            BaseDigest = again ? journal.DigestAfter(journal.LastStep) : BaseDigest(runId, own.Value.Sha),
            InitialWeights = again ? default : own.Value.Sha,
            Exchange = planner.Exchange.Choose(members: 1),
            Shares = planner.Batches.SharesOf([Self], View.BeforeBootstrap(peers.Length), first),
        };
    }

    Digest BaseDigest(ulong runId, Digest weights) => Digest.OfRunStart(options.Fingerprint.Digest.Span, runId, weights);

    /// <summary>A view with the same members and what else is decided with it.</summary>
    public static View Copy(View from, long firstStep, ulong runId, Digest chain, BatchShares shares, Digest weights) =>
        new(from.Number, from.Members, [.. from.Members.Select(from.SessionOf)], firstStep,
            [.. from.Members.Select(from.DiskIdOf)])
        {
            RunId = runId,
            BaseDigest = chain,
            InitialWeights = weights,
            IsFinal = from.IsFinal,
            Exchange = from.Exchange,
            Shares = shares,
        };
}
