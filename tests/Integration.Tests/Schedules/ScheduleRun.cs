using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>Runs all peers of a place while a schedule is done to them, up to their end in order.</summary>
sealed class ScheduleRun
{
    /// <summary>Far more than any moment takes, for machines that do much else.</summary>
    static readonly TimeSpan patience = TimeSpan.FromSeconds(90);

    /// <summary>A recovery, or a moment, that takes longer is told with what the peers said.</summary>
    static readonly TimeSpan slow = TimeSpan.FromSeconds(1), slowMoment = TimeSpan.FromSeconds(10);

    readonly TestCluster place;
    readonly IEnumerable<ScheduleEntry> schedule;
    readonly TimeProvider time;
    readonly Action<string> tell;
    readonly List<Recovery> recoveries = [];
    readonly List<Death> deaths = [];
    readonly KeptJournals records;
    readonly long start;
    TaskCompletionSource changed = New();
    (string[] Peers, Stepped Before, bool LeavesQuorum, long At, DateTimeOffset Time)? killed;
    long furthest;
    int era;

    /// <param name="place">Where the peers are.</param>
    /// <param name="schedule">What is done, in this order.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Takes a line for each deed.</param>
    public ScheduleRun(TestCluster place, IEnumerable<ScheduleEntry> schedule, TimeProvider time, Action<string> tell)
    {
        (this.place, this.schedule, this.time, this.tell) = (place, schedule, time, tell);
        start = time.GetTimestamp();
        records = new KeptJournals(place);
        Peers = place.Names.ToDictionary(name => name, name => new ScheduledPeer(name));
    }

    /// <summary>More arguments of a peer's processes.</summary>
    public Func<string, string[]> Arguments { get; init; } = _ => [];

    /// <summary>Cuts peers off from the others, or heals that when there are none.</summary>
    public Action<IReadOnlyList<string>>? Cut { get; init; }

    public IReadOnlyDictionary<string, ScheduledPeer> Peers { get; }

    /// <summary>The times from each kill to the others' next step in a view without the killed processes.</summary>
    public IReadOnlyList<Recovery> Recoveries => recoveries;

    /// <summary>All journals there were.</summary>
    public KeptJournals Records => records;

    /// <summary>The processes that were killed, in this order.</summary>
    public IReadOnlyList<Death> Deaths => deaths;

    /// <summary>Steps that were reported so far.</summary>
    public long Furthest => Peers.Values.Max(peer => peer.Processes.Max(p => p.Process.Last?.Step ?? 0));

    /// <summary>Does the schedule; then lets all come back, and end: with the run's last step, or by leaving where there is
    /// none.</summary>
    public async Task Run()
    {
        foreach (var name in place.Names)
            Start(name);
        foreach (var entry in schedule)
        {
            await Until($"moment for \"{entry}\"", Condition(entry.When),
                entry.When is SecondsLater { Time: var pause } ? pause : null);
            if (entry.What != FaultAction.Wait)
                Tell($"{entry} (step {Furthest})");
            await Do(entry);
            furthest = Furthest;
            foreach (var peer in Peers.Values)
                peer.Read = peer.Process.Lines;
        }
        if (place.Run().Training.Steps >= TestCluster.Endless)
        {
            await Until("end of the schedule", Condition(Trigger.AllIn), null);
            Tell($"all leave (step {Furthest})");
            foreach (var peer in Peers.Values)
                peer.Process.Say("leave");
        }
        foreach (var peer in Peers.Values)
            peer.IsRunning = false;
        foreach (var peer in Peers.Values)
        {
            await Until($"end of {peer.Name}", () => peer.Process.HasEnded, null);
            await peer.Process.Exits(0);
        }
        Tell($"all have ended (step {Furthest})");
    }

    /// <summary>Everything that all said, shortened.</summary>
    public string Said => string.Join('\n', Peers.Values);

    void Start(string name, params string[] more)
    {
        var process = place.Peer(name, [.. Arguments(name), .. more]);
        Peers[name].Begin(process, era, time.GetTimestamp());
        process.Changed += told =>
        {
            if (told is not Stepped)
                records.Keep(name);
            Wake();
        };
        Wake();
    }

    async Task Do(ScheduleEntry entry)
    {
        foreach (var name in entry.Who)
            records.Keep(name);
        switch (entry.What)
        {
            case FaultAction.Kill:
                Kill(entry.Who);
                foreach (var name in entry.Who)
                    await Peers[name].Process.Exit();
                break;
            case FaultAction.Freeze or FaultAction.Thaw:
                foreach (var name in entry.Who)
                    Peers[name].Process.Signal(entry.What == FaultAction.Freeze ? PeerProcess.Stop : PeerProcess.Continue);
                break;
            case FaultAction.Wipe:
                foreach (var name in entry.Who)
                    Directory.Delete(place.FolderOf(name), recursive: true);
                break;
            case FaultAction.Leave or FaultAction.Finish:
                foreach (var name in entry.Who)
                {
                    Peers[name].IsRunning = false;
                    if (entry.What == FaultAction.Leave)
                        Peers[name].Process.Say("leave");
                }
                foreach (var name in entry.Who)
                    await Peers[name].Process.Exits(0);
                break;
            case FaultAction.Start or FaultAction.ForceNewRing:
                if (entry.What == FaultAction.ForceNewRing)
                    era++;
                foreach (var name in entry.Who)
                    Start(name, entry.What == FaultAction.ForceNewRing ? ["--force-new-ring"] : []);
                break;
            case FaultAction.Cut or FaultAction.Heal:
                Cut!(entry.Who);
                break;
        }
    }

    void Kill(IReadOnlyList<string> names)
    {
        killed = null;
        if (Peers.Values.Where(peer => peer.IsRunning && !names.Contains(peer.Name)).Select(peer => peer.Process.Last)
            .MaxBy(step => step?.Step) is { } last)
        {
            string[] members = [.. place.Names.Except(last.Away)], dying = [.. members.Intersect(names)];
            string[] left = [.. members.Except(dying).Where(name => Peers[name].IsRunning)];
            var isQuorum = 2 * left.Length > members.Length || (2 * left.Length == members.Length && left.Contains(members[0]));
            if (dying.Length > 0)
                killed = (dying, last, isQuorum, time.GetTimestamp(), time.GetUtcNow());
        }
        var at = time.GetTimestamp();
        foreach (var name in names)
        {
            Peers[name].Process.Kill();
            Peers[name].IsRunning = false;
            deaths.Add(new Death(name, Peers[name].Processes.Count - 1, at));
        }
    }

    Func<bool> Condition(Trigger trigger)
    {
        switch (trigger)
        {
            case SecondsLater:
                return () => false;
            case StepsLater(var peer, var more):
                return () => Peers[peer].Process.Last?.Step >= furthest + more;
            case Said(var peer, var text):
                var from = Peers[peer].Read;
                return () => Peers[peer].Process.Find(text, ref from);
            case Up(var peer):
                return () => File.Exists(Path.Combine(place.FolderOf(peer), "view.state")) && Peers[peer].Process.Lines > 0;
            case Recovered:
                return HasRecovered;
            case Complete:
                var now = Furthest;
                return () =>
                    Peers.Values.All(peer => !peer.IsRunning || (peer.Process.Last is { Away: [] } step && step.Step > now));
            default:
                throw new ArgumentException($"{trigger} is no moment that is known here", nameof(trigger));
        }
    }

    bool HasRecovered()
    {
        if (killed is not { } kill)
            return true;
        var next = Peers.Values.Where(peer => peer.IsRunning && !kill.Peers.Contains(peer.Name))
            .SelectMany(peer => peer.Process.StepsSince(kill.At))
            .Where(step => step.Step.View > kill.Before.View
                && kill.Peers.All(peer => step.Step.Away.Contains(peer) || Peers[peer].Began < step.At)).ToArray();
        if (next.Length == 0)
            return false;
        var (first, at) = next.MinBy(step => step.At);
        var recovery = new Recovery(kill.LeavesQuorum, time.GetElapsedTime(kill.At, at));
        recoveries.Add(recovery);
        Tell(FormattableString.Invariant($"  step {first.Step} in view {first.View} after {recovery.Took.TotalSeconds:F2} s")
            + (kill.LeavesQuorum ? "" : " (those left were no quorum)"));
        if (recovery.Took > slow)
            TellSince(kill.Time);
        killed = null;
        return true;
    }

    /// <summary>Reports the ring's events since a moment, peer by peer, for whoever wants to know what took so long.</summary>
    void TellSince(DateTimeOffset moment)
    {
        foreach (var peer in Peers.Values.Where(peer => peer.IsRunning))
            foreach (var said in peer.Process.Events.OfType<Fault>().Where(said => said.Time >= moment))
                Tell(FormattableString.Invariant(
                    $"    {(said.Time - moment).TotalSeconds:F2} s  {peer.Name} at step {said.Step}: {said.Text}"));
    }

    async Task Until(string what, Func<bool> condition, TimeSpan? pause)
    {
        using var limit = new CancellationTokenSource(pause ?? patience, time);
        var begin = time.GetUtcNow();
        while (true)
        {
            var now = changed.Task;
            if (condition())
            {
                if (time.GetUtcNow() - begin > slowMoment)
                    TellSince(begin);
                return;
            }
            if (Peers.Values.FirstOrDefault(peer => peer.IsRunning && peer.Process.HasEnded) is { } gone)
                Assert.Fail($"{gone.Name} ended by itself before the {what}:\n{Said}");
            try
            {
                await now.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                if (pause is not null)
                    return;
                Assert.Fail($"no {what} within {patience}, step {Furthest}:\n{Said}");
            }
        }
    }

    void Wake()
    {
        var last = Interlocked.Exchange(ref changed, New());
        last.TrySetResult();
    }

    void Tell(string line) => tell(FormattableString.Invariant($"{time.GetElapsedTime(start).TotalSeconds,7:F1} s  {line}"));

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
