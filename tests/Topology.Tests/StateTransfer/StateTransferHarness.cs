using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.StateTransfer;

/// <summary>Peer 0 fetches, the others give: both sides of coming back on a virtual clock, without a ring round them.</summary>
sealed class StateTransferHarness : IStateTransferHost
{
    const ulong Run = 77;

    readonly SimulatedNetwork network;
    readonly List<StepRecord> chain = [];
    readonly DiskHandle[] handles;
    readonly SimulatedReplica?[] replicas;
    CancellationTokenSource stop = new();

    public StateTransferHarness(int donors, int parameters, int checkpointEvery = 50, RingTimings? timings = null, int seed = 1,
        StepKind shape = StepKind.Vote)
    {
        (Parameters, CheckpointEvery, Timings, Shape) = (parameters, checkpointEvery, timings ?? RingTimings.Default, shape);
        network = new SimulatedNetwork(Loop.Clock, donors + 1, new Random(seed));
        Disks =
        [
            .. Enumerable.Range(0, donors + 1).Select(_ => new SimulatedDisk(parameters, checkpointEvery, Parts, Loop.Clock)),
        ];
        handles = [.. Disks.Select(disk => disk.Open(() => { }))];
        (Committed, replicas) = (new long[donors + 1], new SimulatedReplica?[donors + 1]);
        Order = [.. Enumerable.Range(1, donors)];
        network.Sent = OnSent;
        for (int peer = 1; peer <= donors; peer++)
        {
            int self = peer;
            ITransport transport = network.TransportOf(peer);
            var frameSender = new FrameSender(transport, Run, (ulong)self);
            var donor = new Donor(frameSender, handles[peer].Journal, handles[peer].Snapshots,
                () => Loop.Clock.After(Saving, () => Save(self)));
            transport.Handler = (from, envelope, payload) =>
            {
                if (IsSound(envelope, payload) is FrameKind.FetchRequest && FetchRequest.TryDecode(payload) is { } request)
                    donor.OnFetchRequest(from, request, Committed[self]);
            };
        }
    }

    public VirtualLoop Loop { get; } = new();

    public int Parameters { get; }

    public int CheckpointEvery { get; }

    public RingTimings Timings { get; }

    public StepKind Shape { get; }

    Func<long, IReadOnlyList<Bucket>> Parts => StepKinds.BucketsOf(Shape, Parameters);

    public SimulatedNetwork Network => network;

    public SimulatedDisk[] Disks { get; }

    public IJournal Journal => handles[0].Journal;

    /// <summary>By peer: the newest step that it knows to be committed.</summary>
    public long[] Committed { get; }

    /// <summary>The time that a donor takes to write a checkpoint that it is asked for.</summary>
    public TimeSpan Saving { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Whom to ask, best first.</summary>
    public List<int> Order { get; }

    /// <summary>The fetching one's process; it begins when the rig first runs.</summary>
    public StateTransferClient? StateTransferClient { get; private set; }

    public FetchTarget? Target { get; set; } = new FetchTarget(long.MaxValue, default, false);

    /// <summary>Peer 0 takes no part: what a donor's chain does not have may be cut off.</summary>
    public bool CanTruncate { get; set; } = true;

    public bool WantsMomentum { get; set; }

    /// <summary>See <see cref="RingOptions.LocalStateBytes"/>.</summary>
    public long OwnBytes { get; init; } = -1;

    /// <summary>The requests of peer 0, in order.</summary>
    public List<(int Of, FetchRequest Ask, TimeSpan At)> Asks { get; } = [];

    /// <summary>The responses to peer 0, and their sizes.</summary>
    public List<(int From, FetchResponse Head, int Bytes, TimeSpan At)> Answers { get; } = [];

    /// <summary>Bytes of all that was sent to peer 0, heads included.</summary>
    public long Received => Answers.Sum(answer => (long)answer.Bytes);

    public List<long> Cuts { get; } = [];

    public List<SnapshotInfo> Taken { get; } = [];

    /// <summary>Checkpoints that turned out to be here already.</summary>
    public List<SnapshotInfo> Own { get; } = [];

    public List<string> Events { get; } = [];

    /// <summary>A donor said that it has nothing more.</summary>
    public bool IsUpToDate { get; private set; }

    /// <summary>The change of a response on its way, its checksum aside.</summary>
    public Func<byte[], byte[]> Tamper { get; set; } = payload => payload;

    /// <summary>The chain after a step.</summary>
    public Digest DigestAfter(long step) => step == 0 ? default : ChainOf(step)[(int)step - 1].Digest;

    /// <summary>Bytes of a record as it travels.</summary>
    public long RecordLength => 4 + 32 + Bytes(ChainOf(1)[0]).Length;

    /// <summary>A record whose majority follows from its step and view.</summary>
    public static StepRecord Record(long step, int view, int parameters, Digest previous, bool zeros = false)
    {
        var signs = new ulong[BitPlanes.Words(parameters)];
        ulong[]? none = zeros ? new ulong[signs.Length] : null;
        for (int word = 0; word < signs.Length; word++)
        {
            ulong mask = word == signs.Length - 1 ? BitPlanes.TailMask(parameters) : ulong.MaxValue;
            ulong zero = zeros ? TieHash.Word(step * 7, word) & TieHash.Word(step * 11, word) & mask : 0;
            signs[word] = TieHash.Word(step * 1000 + view, word) & mask & ~zero;
            if (none is not null)
                none[word] = zero;
        }
        return new StepRecord(step, view, 5, PeerSet.First(3), PeerSet.First(3), [1, 2, 3],
            BitConverter.SingleToUInt32Bits(0.01f), BitConverter.SingleToUInt32Bits(0.1f), [new Aggregate(signs, none)], default)
            .WithDigestAfter(previous);
    }

    /// <summary>Puts all steps up to one on a peer's disk, with checkpoints.</summary>
    public void Fill(int peer, long steps)
    {
        replicas[peer] = SimulatedReplica.Initial(Parameters, 1, Parts);
        Save(peer);
        while (Committed[peer] < steps)
            Append(peer);
    }

    /// <summary>Adds the next step, with a checkpoint where one is due.</summary>
    public void Append(int peer)
    {
        StepRecord record = ChainOf(Committed[peer] + 1)[(int)Committed[peer]];
        handles[peer].Journal.Append(record);
        replicas[peer]!.Apply(record);
        Committed[peer] = record.Step;
        if (record.Step % CheckpointEvery == 0)
            Save(peer);
    }

    void Save(int peer)
    {
        if (replicas[peer] is { } replica)
            Disks[peer].WriteCheckpoint(replica.Step, replica.Save(), [.. Enumerable.Repeat((byte)peer, 100)]);
    }

    /// <summary>Runs until all there is has come, or a goal is reached.</summary>
    public void Fetch(double seconds = 600) =>
        Until(() => IsUpToDate || Target is null
            || (Target is { State: null } target && Journal.LastStep >= target.Step), seconds);

    public void Until(Func<bool> condition, double seconds = 600) =>
        Assert.True(Runs(condition, seconds),
            $"not within {seconds} s; the journal ends with step {Journal.LastStep}\n{string.Join('\n', Events.TakeLast(10))}");

    /// <summary>Runs until something is so; false when it is not within the time.</summary>
    public bool Runs(Func<bool> condition, double seconds)
    {
        StateTransferClient ??= Begin();
        return Loop.RunUntil(condition, Loop.Clock.Elapsed + TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Another process takes the fetching one's place, on the same disk.</summary>
    public void RestartFetching()
    {
        stop.Cancel();
        stop = new CancellationTokenSource();
        handles[0] = Disks[0].Open(() => { });
        StateTransferClient = Begin();
    }

    /// <summary>Everything up to a step is here, and it is what the donors have.</summary>
    public void AssertHere(long step)
    {
        Assert.Equal(step, Journal.LastStep);
        Assert.Equal(DigestAfter(step), Journal.DigestAfter(step));
    }

    public static byte[] Bytes(StepRecord record)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        record.Write(output);
        return output.WrittenSpan.ToArray();
    }

    IEnumerable<int> IStateTransferHost.CandidateDonors(FetchTarget target) => Order;

    bool IStateTransferHost.CanTruncate(int donor, long from) => CanTruncate;

    long IStateTransferHost.CommittedOf(int donor) => Committed[donor];

    void IStateTransferHost.OnRecordsFetched(int donor, long committed, bool upToDate) => IsUpToDate |= upToDate;

    void IStateTransferHost.TruncateAfter(long after)
    {
        Cuts.Add(after);
        handles[0].Journal.TruncateAfter(after);
    }

    void IStateTransferHost.OnSnapshotInstalled(SnapshotInfo snapshot, Digest chain)
    {
        Taken.Add(snapshot);
        if (Target is { State: not null })
        {
            Target = null;
            return;
        }
        handles[0].Snapshots.DropAfter(snapshot.Step);
        handles[0].Journal.ResetTo(snapshot.Step, chain);
    }

    void IStateTransferHost.OnSnapshotPresent(SnapshotInfo snapshot)
    {
        Own.Add(snapshot);
        Target = null;
    }

    void IStateTransferHost.OnSnapshotMissing()
    {
        if (Target is { } target)
            Target = target with { Step = Committed.Max() };
    }

    void IStateTransferHost.Raise(RingEvent happened) => Events.Add(happened.Text);

    StateTransferClient Begin()
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Loop);
        var options = new RingOptions
        {
            PeerIds = [.. Disks.Select((_, peer) => $"p{peer}")],
            SelfIndex = 0,
            Fingerprint = new Fingerprint([new("run", "test")]),
            ParameterCount = Parameters,
            BucketsOf = Parts,
            LocalStateBytes = OwnBytes,
            RatesOf = RingHarness.Rates,
            Timings = Timings,
        };
        ITransport transport = network.TransportOf(0);
        var frameSender = new FrameSender(transport, Run, 1);
        RemotePeer[] peers = [.. Disks.Select(_ => new RemotePeer(Loop.Clock))];
        var requester = new FetchRequester(frameSender, Timings, new MeasuredTimings(Timings, peers), Loop.Clock,
            new Random(1).NextDouble);
        var stateTransfer = new StateTransferClient(options, requester, handles[0].Journal, handles[0].Snapshots, this,
            Loop.Clock);
        transport.Handler = (from, envelope, payload) =>
        {
            if (IsSound(envelope, payload) is FrameKind.FetchResponse)
                stateTransfer.OnFetchResponse(from, Tamper(payload.ToArray()));
        };
        RunAsync(stateTransfer, stop.Token);
        SynchronizationContext.SetSynchronizationContext(outer);
        return stateTransfer;
    }

    static async void RunAsync(StateTransferClient stateTransfer, CancellationToken stop)
    {
        try
        {
            await stateTransfer.RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Its process ended.
        }
    }

    static FrameKind? IsSound(ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload) =>
        FrameHeader.TryRead(envelope, out FrameHeader header, out _) && header.Checksum(payload.Span) == header.Crc
        ? header.Kind : null;

    List<StepRecord> ChainOf(long steps)
    {
        while (chain.Count < steps)
        {
            bool zeros = chain.Count % 5 == 4 && Parameters < 1000;
            Digest last = chain.Count == 0 ? default : chain[^1].Digest;
            chain.Add(Shape == StepKind.Vote ? Record(chain.Count + 1, 1, Parameters, last, zeros)
                : StepKindRecords.Of(Shape, chain.Count + 1, Parameters, last));
        }
        return chain;
    }

    void OnSent(int from, int to, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Kind == FrameKind.FetchRequest)
            Asks.Add((to, FetchRequest.TryDecode(payload.ToArray())!, Loop.Clock.Elapsed));
        else
            Answers.Add((from, FetchResponse.TryRead(payload)!.Value, payload.Length, Loop.Clock.Elapsed));
    }
}
