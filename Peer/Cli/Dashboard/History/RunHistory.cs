using DecentralizedLion.Peer.Cli.Dashboard.Reading;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>
/// All that the metrics files below a folder say of a run, in bounded memory, as far as they have been read. One thread at a
/// time uses it.
/// </summary>
/// <param name="about">The run.</param>
sealed class RunHistory(RunDescription about)
{
    const long PieceBytes = 2 << 20;

    readonly byte[] buffer = FileTail.NewBuffer();
    readonly List<PeerHistory> peers = [];
    readonly HashSet<string> files = new(StringComparer.Ordinal);

    /// <summary>The run.</summary>
    public RunDescription About { get; } = about;

    /// <summary>The peers whose files are at hand, by id.</summary>
    public IReadOnlyList<PeerHistory> Peers => peers;

    /// <summary>The event log.</summary>
    public RunEvents Events { get; } = new();

    /// <summary>The part of the files that has been read, 0 … 1; a last line without an end is not waited for.</summary>
    public double Progress { get; private set; } = 1;

    /// <summary>Looks for metrics files that are new.</summary>
    public void Discover()
    {
        if (!Directory.Exists(About.Folder))
            return;
        foreach (var file in Directory.EnumerateFiles(About.Folder, MetricsFolder.FileName, SearchOption.AllDirectories))
            if (files.Add(file))
                peers.Add(new PeerHistory(file, buffer, Events));
    }

    /// <summary>Reads a piece of every file that has grown.</summary>
    /// <returns>True when there was something new.</returns>
    public bool Read()
    {
        var isNew = false;
        foreach (var peer in peers)
        {
            try
            {
                isNew |= peer.Read(PieceBytes);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is being replaced, or may not be read now; the next look tells.
            }
        }
        peers.Sort((a, b) => new NaturalOrder().Compare(a.Peer, b.Peer));
        var total = peers.Sum(peer => peer.Length);
        Progress = !isNew || total == 0 ? 1 : 1 - (double)peers.Sum(peer => peer.BytesLeft) / total;
        return isNew;
    }

    /// <summary>The ids of all peers that are known of, in the roster's order where that is known.</summary>
    public IReadOnlyList<string> Roster()
    {
        var known = peers.Select(peer => peer.Peer)
            .Concat(peers.SelectMany(peer => peer.Steps.All.SelectMany(bucket => bucket.Absences.Keys)))
            .Concat(Events.All.Select(e => e.Peer).OfType<string>());
        return [.. About.Roster, .. known.Distinct().Except(About.Roster).Order(new NaturalOrder())];
    }

    /// <summary>The ring's state now.</summary>
    public RingState Latest()
    {
        var teller = peers.Where(peer => peer.Last is not null).MaxBy(peer => peer.Last!.Step);
        var conditions = new PeerConditions(peers, Events);
        var row = teller?.Last;
        PeerCondition[] all = [.. Roster().Select(id => conditions.Latest(id, row, teller))];
        return State(row, Same(row, peers.Select(peer => peer.Last)), all, isLatest: true, StatusNow(row));
    }

    /// <summary>The ring's state after a step; the nearest one before it that a file has.</summary>
    public RingState At(long step)
    {
        var last = peers.Select(peer => peer.Last?.Step ?? 0).DefaultIfEmpty().Max();
        if (step >= last)
            return Latest();
        var row = peers.Select(peer => peer.RowOf(step)).FirstOrDefault(found => found is not null)
            ?? peers.Select(peer => peer.Steps.Find(step)?.First is { } first ? peer.RowOf(first) : null)
                .OfType<StepRow>().MaxBy(found => found.Step);
        if (row is null)
            return State(null, [], [], isLatest: false, PeerState.Starting);
        var conditions = new PeerConditions(peers, Events);
        return State(row, Same(row, peers.Select(peer => peer.RowOf(row.Step))),
            [.. Roster().Select(id => conditions.At(id, row))], isLatest: false, "running");
    }

    /// <summary>The lines of all peers about one step.</summary>
    static StepRow[] Same(StepRow? row, IEnumerable<StepRow?> told) =>
        [.. told.OfType<StepRow>().Where(other => other.Step == row?.Step)];

    RingState State(StepRow? row, IReadOnlyList<StepRow> told, IReadOnlyList<PeerCondition> all, bool isLatest, string status)
    {
        var members = row is null ? [] : Members(row, all.Select(peer => peer.Id));
        var state = new RingState
        {
            Step = row?.Step ?? 0,
            IsLatest = isLatest,
            Status = status,
            View = row is null ? null : View.NameOf(row.View),
            Members = members,
            Quorum = members.Count / 2 + 1,
            Voters = (int)(row?[StepMetric.Voters] ?? 0),
            Loss = row?[StepMetric.Loss],
            LearningRate = row?[StepMetric.LearningRate],
            // Each peer measures these on the parameters that it decided.
            Agreement = told.Average(same => same[StepMetric.Agreement]),
            Flips = told.Average(same => same[StepMetric.Flips]),
            Bits = row?[StepMetric.BitsPerParameter],
            Fp32Bits = Fp32Bits(members.Count),
            Digest = row is null ? null : PeerConditions.Hex(row.Digest),
            Peers = all,
            Links = LinkConditions.At(peers, row?.Step ?? 0),
            Alerts = [],
        };
        return state with { Alerts = AlertRules.Of(state, Events.All, MergedSteps.Of(peers)) };
    }

    /// <summary>Bits a parameter that each of so many peers sends in a ring all-reduce of fp32.</summary>
    public static double? Fp32Bits(int members) => members < 2 ? null : 64.0 * (members - 1) / members;

    /// <summary>The members in the order of the view where an event says it, else in the roster's.</summary>
    IReadOnlyList<string> Members(StepRow row, IEnumerable<string> roster)
    {
        HashSet<string> members = [.. roster.Except(row.Away)];
        for (int i = Events.All.Count - 1; i >= 0; i--)
            if (Events.All[i].Step < row.Step && ViewText.MembersOf(Events.All[i]) is { } ordered && members.SetEquals(ordered))
                return ordered;
        return [.. members];
    }

    string StatusNow(StepRow? row)
    {
        if (peers.Any(peer => peer.End is not null)
            && peers.All(peer => peer.End is not null || row?.Away.Contains(peer.Peer) == true))
            return peers.Any(peer => peer.End?.Reason == Ended.Failed) ? Ended.Failed
                : peers.Any(peer => peer.End?.Reason == Ended.Finished) ? Ended.Finished : Ended.Left;
        var furthest = peers.Where(peer => peer.End is null && peer.Step >= (row?.Step ?? 0)).ToArray();
        return furthest.Length > 0 && furthest.All(peer => peer.State == PeerState.Paused) ? PeerState.Paused
            : furthest.Length > 0 && furthest.All(peer => peer.State == PeerState.Waiting) ? PeerState.Waiting
            : row is null ? PeerState.Starting : "running";
    }
}
