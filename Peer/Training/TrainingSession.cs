using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Transport;
using TorchSharp;

namespace DecentralizedLion.Peer.Training;

/// <summary>One peer's run from its start to its end: what is on its disk, the ring, and the training between them.</summary>
/// <param name="run">peers.json.</param>
/// <param name="self">This peer.</param>
/// <param name="identity">This peer's files.</param>
/// <param name="links">Where to listen and whom to dial, with which keys.</param>
/// <param name="options">What belongs to this host.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Takes events, from the training thread and from the ring's.</param>
public sealed class TrainingSession(
    RunConfig run, RosterEntry self, PeerIdentity identity, TransportEndpoints links, SessionOptions options, TimeProvider time,
    Action<PeerEvent> tell)
{
    readonly TrainingSettings training = run.Training;
    readonly string[] names = [.. run.Roster.Peers.Select(peer => peer.Id)];

    /// <summary>Trains until the last step, or until asked to leave.</summary>
    /// <returns>True when nothing failed: the run is finished, or this peer has left it in order.</returns>
    public bool Run(CancellationToken stop)
    {
        if (options.Threads > 0)
            torch.set_num_threads(options.Threads);
        if (run.Roster is { Insecure: true, IsLocal: false })
            tell(new Note("WARNING: links are neither encrypted nor authenticated (insecure, "
                + "anyoneOnTheNetworkMayReadAndForgeTheTraining): whoever "
                + "is on the network can read the training, change it and take part in it"));
        if (run.IgnoresKeys() && !options.OmitsKeysNote)
            tell(new Note(RunConfig.KeysIgnored));
        using var data = run.OpenData();
        using var model = RunModel.Create(run, data, options.Device);
        var partition = run.Data.Partition;
        var split = partition.ShardOf(data, self.Index, run.Roster.Count, training.Seed);
        if (split.Count < data.Train.Count)
            tell(new Note($"data.partition is {partition}: this peer has {split.Count} of the {data.Train.Count} samples, and "
                + "nobody else has them"));
        var optimizer = OptimizerFactory.Create(training, model.Layout, self.Index);
        var replica = new Replica(model, optimizer, partition.SamplerOf(data.Train.Count, run.Roster.Count, training.BatchSize));
        var state = new CheckpointState(RunModel.Tensors(model), replica.Previous, optimizer.ReplicatedState,
            optimizer.LocalState);
        var fingerprint = run.Fingerprint(FrameHeader.ProtocolVersion, model.Count, data);
        if (model.HasBuffers)
            tell(new Note("the model has buffers (such as BatchNorm's); they are outside the vote and differ between peers"));

        var checkpoints = new CheckpointFolder(options.Folder);
        var views = new ViewStore(options.Folder);
        if (UnstartedRunCleanup.Drop(checkpoints, views, run.Roster.Count, fingerprint))
            tell(new Note("an earlier start with other settings came to no step; what it left in the folder is replaced"));
        var saved = new CheckpointManager(self.Id, checkpoints, state, model, replica, fingerprint, tell);
        var resumed = saved.TryLoad(long.MaxValue, out var open);
        if (saved.IsOfOtherSettings)
            tell(new Note("peers.json, the program or the data changed since the checkpoint; training goes on with the "
                + "present settings"));
        if (!resumed)
            saved.Save(open); // what the run begins with, for others to fetch and the journal to start from
        using var journal = StepJournal.Open(options.Folder, optimizer.BucketsOf, time, (replica.Step, replica.Chain));
        foreach (var repair in journal.Repairs)
            tell(new Note(repair));
        if (views.IsDamaged)
            tell(new Note($"{views.File} is damaged; what it promised is forgotten, so this peer comes back as a newcomer"));
        using var snapshots = new SnapshotStore(checkpoints, state);

        using var ring = new Ring(links, Options(fingerprint, optimizer, state), journal, snapshots, views,
            happened => tell(PeerEvents.Of(happened, names, replica.Step, time)));
        var turns = new RingAdapter(ring);
        var order = new ShuffledOrder(training.Seed, split.Count);
        var loop = new TrainingLoop(training, self.Index, model, new LocalStep(training, model, split, optimizer), order, replica,
            turns, time, tell)
        {
            Open = open,
            Slow = options.Slow,
            Stop = stop,
        };
        // Before the ring starts: it appends to the journal.
        var trainer = new Trainer(training, names, self.Index, model, data.Test, new TheoryProbe(training, model, split, state),
            replica, loop, saved, journal, turns, time, tell)
        {
            Started = new Started(self.Id, 0, training.Steps, run.Roster.Count, model.Count, options.Device, fingerprint.Hex),
            IsResumed = resumed,
            Reported = options.Reported,
        };
        ring.Start();
        using var watcher = new ConfigWatcher(run, () => RunConfig.Read(run.Path, options.Data), links, identity,
            now => ring.ReconnectAsync(now, time), text => tell(new Note(text)));
        watcher.Start(time);
        using var leave = stop.Register(ring.RequestStop);
        return trainer.Run();
    }

    RingOptions Options(Fingerprint fingerprint, DistributedOptimizer optimizer, CheckpointState state)
    {
        var schedule = Schedule.Of(training);
        return new RingOptions
        {
            PeerIds = names,
            SelfIndex = self.Index,
            Fingerprint = fingerprint,
            ParameterCount = optimizer.Parameters,
            Exchange = training.Exchange == "ring" ? ExchangeKind.Ring : ExchangeKind.Direct,
            BucketsOf = optimizer.BucketsOf,
            ReplicatedStateBytes = sizeof(float)
                * (optimizer.Parameters + state.ReplicatedState.Sum(vector => (long)vector.Values.Length)),
            // With a ballot of signs and, where momenta are synchronised, of as many values.
            LocalStateBytes = state.LocalState.Any(vector => vector.IsTransferable)
                ? sizeof(float) * (optimizer.Parameters + state.LocalState.Sum(vector => (long)vector.Values.Length)) : 0,
            RatesOf = step => new StepRates(schedule.LearningRate(step - 1), training.WeightDecay),
            LastStep = training.Steps,
            Bootstrap = options.Bootstrap,
            Timings = TimingsOf(training),
        };
    }

    /// <summary>Signs of life come several times as often as they are missed after.</summary>
    internal static RingTimings TimingsOf(TrainingSettings training)
    {
        var suspect = TimeSpan.FromSeconds(training.SuspectAfter);
        var usual = RingTimings.Default.HeartbeatInterval;
        return RingTimings.Default with
        {
            SuspicionTimeout = suspect,
            HeartbeatInterval = suspect / 5 < usual ? suspect / 5 : usual,
            UseStragglerDeadline = training.Deadline != "off",
        };
    }
}
