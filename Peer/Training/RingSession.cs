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
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Peer.Training;

/// <summary>One peer's run in one process: the state on its disk from when it is opened, and the ring from when it is
/// started.</summary>
sealed class RingSession : IDisposable
{
    readonly SessionParts parts;
    readonly PeerOptions options;
    readonly TimeProvider time;
    readonly EventWriter events;
    readonly Sampler samples;
    readonly DistributedMethod method;
    readonly Replica replica;
    readonly CheckpointState state;
    readonly Fingerprint fingerprint;
    readonly string[] names;
    readonly ViewStore views;
    readonly CheckpointManager saved;
    readonly bool isResumed;
    readonly PendingBallot? open;
    readonly StepJournal journal;
    readonly SnapshotStore snapshots;
    readonly RingProfile? profile;
    Ring? ring;
    ConfigWatcher? watcher;

    /// <summary>Loads the newest checkpoint, or writes the first, and opens the journal.</summary>
    /// <param name="parts">The roster, and the training.</param>
    /// <param name="folder">This peer's folder, which is locked.</param>
    /// <param name="options">This host's options.</param>
    /// <param name="events">Takes events.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CheckpointException">There are checkpoints, and none can be used.</exception>
    /// <exception cref="RingException">The roster lacks a peer whose steps may be ahead.</exception>
    public RingSession(SessionParts parts, string folder, PeerOptions options, EventWriter events, TimeProvider time)
    {
        (this.parts, this.options, this.events, this.time) = (parts, options, events, time);
        profile = options.Profile ? new RingProfile(time) : null;
        var (ring, training, parameters) = (parts.Ring, parts.Training, parts.Parameters);
        if (OptimizerRules.RefusalOfBatches(training.Options.Method, parts.Sampling.Size.Own) is { } refusal)
            throw new SettingsException(ring.Path, "peers", refusal);
        if (parts.Sampling.SharedBatch is not null && OptimizerRules.RefusalOfShares(training.Options.Method) is { } reason)
            throw new SettingsException(ring.Path, "batch", reason);
        method = OptimizerFactory.Create(training.Options, parameters.Layout, parts.Self.Index, parts.Sampling.Seed,
            parts.Buffers, LastStep, parameters.Place);
        samples = parts.Sampling.NewAllocator(ring.Roster.Count);
        replica = new Replica(parameters, method, samples, training.NewGroupRates(parameters.Place));
        state = new CheckpointState(TensorDeclaration.Of(parameters.Layout),
            replica.Previous, method.ReplicatedState, method.LocalState);
        if (parameters.IsCopied)
            Note($"method {training.Options.Method}, kappa {training.Options.Kappa}, computes on the host: gradient and weights "
                + $"are copied from {parameters.Device} and back in every step");
        fingerprint = NewFingerprint();
        var checkpoints = new CheckpointFolder(folder, time);
        checkpoints.DeleteUnfinished();
        names = [.. ring.Roster.Peers.Select(peer => peer.Id)];
        views = new ViewStore(folder, names);
        if (UnstartedRunCleanup.Drop(checkpoints, views, ring.Roster.Count, fingerprint))
            Note("an earlier start with other settings made no step; its files are replaced");
        saved = new CheckpointManager(parts.Self.Id, checkpoints, state, parameters, replica, fingerprint, events.Report)
        {
            Time = time,
        };
        isResumed = saved.TryLoad(long.MaxValue, out open);
        if (saved.SettingsChanged is { } changed)
            Note($"{changed}. Training continues with the present settings");
        if (!isResumed)
            saved.Save(open); // what the run begins with, for others to fetch and the journal to start from
        parameters.CopyWeightsToDevice();
        journal = StepJournal.Open(folder, method.BucketsOf, time, (replica.Step, replica.Chain));
        foreach (var repair in journal.Repairs)
            Note(repair);
        if (views.IsDamaged)
            Note($"{views.File} is damaged: this peer has no vote until it is a member again. If this recurs, check the disk");
        try
        {
            FollowRoster();
        }
        catch
        {
            journal.Dispose();
            throw;
        }
        snapshots = new SnapshotStore(checkpoints, state);
    }

    /// <summary>The state that is equal on all peers.</summary>
    public Replica Replica => replica;

    /// <summary>The vectors of the checkpoints.</summary>
    public CheckpointState State => state;

    /// <summary>The trainer, once the ring is started; else null.</summary>
    public Trainer? Trainer { get; private set; }

    /// <summary>Opens the sockets and greets the other peers.</summary>
    /// <param name="links">Where to listen and whom to dial, with which keys.</param>
    /// <param name="applied">Takes each step that is applied.</param>
    /// <param name="told">The last step that an earlier process reported.</param>
    /// <exception cref="RingAddressException">An address cannot be listened at.</exception>
    public void Start(TransportEndpoints links, Action<AppliedStep> applied, long told)
    {
        ring = new Ring(links, RingOptions(), journal, snapshots, views,
            happened => events.ReportFromRing(PeerEvents.Of(happened, names, replica.Step, time)));
        events.Telemetry.Attach(ring.Statistics);
        var training = parts.Training;
        Trainer = new Trainer(new TrainerServices
        {
            Self = parts.Self.Index,
            Names = names,
            LastStep = LastStep,
            CheckpointEvery = parts.Ring.CheckpointEvery,
            NonFiniteLimit = parts.Ring.NonFiniteLimit,
            Options = training.Options,
            Rate = training.Rate,
            Parameters = parts.Parameters,
            Replica = replica,
            Checkpoints = saved,
            Journal = journal,
            Time = time,
            Profiler = profile is null ? null : new StepProfiler(profile, time),
            OverlapsCopy = options.OverlapsCopy,
            Tell = events.Report,
        }, ring)
        {
            Started = new Started(parts.Self.Id, 0, training.Rate.Steps ?? 0, names.Length, parts.Parameters.Count,
                parts.Parameters.Device.ToString(), fingerprint.Hex),
            Applied = applied,
        };
        Trainer.Begin(isResumed, open, told); // before the ring starts: it appends to the journal
        ring.Start();
        watcher = new ConfigWatcher(parts.Ring, () => RingConfig.Read(parts.Ring.Path, options.OwnFields), links, parts.Identity,
            now => ring.ReconnectAsync(now, time), text => events.ReportFromRing(new Note(text)));
        watcher.Start(time);
    }

    /// <summary>Asks to leave in order, from any thread.</summary>
    public void RequestStop() => ring?.RequestStop();

    /// <summary>Completes when the ring's thread has come to it: true while a ring is up, false before.</summary>
    public Task<bool> PingAsync() => watcher is null ? Task.FromResult(false) : ring!.PingAsync();

    /// <summary>Measures the present weights; see <see cref="TheoryProbe"/>.</summary>
    /// <exception cref="NotSupportedException">There are groups: theory knows one weight decay.</exception>
    public Theory Measure(double? loss) => parts.Training.Groups is not null
        ? throw new NotSupportedException("MeasureTheory is for one weight decay; this optimizer has groups with several")
        : new TheoryProbe(parts.Training.Options, parts.Training.Rate, parts.Training.WeightDecay,
        parts.Parameters, state).Measure(replica.Step, loss);

    /// <summary>Closes sockets and files.</summary>
    public void Dispose()
    {
        watcher?.Dispose();
        ring?.Dispose();
        saved.Dispose();
        snapshots.Dispose();
        journal.Dispose();
    }

    long LastStep => parts.Training.Rate.Steps ?? long.MaxValue;

    void Note(string text) => events.Report(new Note(text));

    /// <summary>Takes over what was promised with another roster, or refuses to start.</summary>
    void FollowRoster()
    {
        var (promised, note, refusal) = RosterChange.Of(views.Load(), views.LoadRoster(), names, journal.LastStep, replica.Step,
            options.Bootstrap == Bootstrap.ForceNewRing);
        if (refusal is not null)
            throw new RingException(refusal);
        if (note is not null)
            Note(note);
        if (promised is not null)
            views.Save(promised); // with the present roster's ids
        else if (!views.IsDamaged)
            views.Clear();
    }

    /// <summary>The fields of everybody who has some. What follows from others comes after them: of two peers that differ, the
    /// first difference is what a person has written.</summary>
    Fingerprint NewFingerprint()
    {
        var fields = new List<FingerprintField>();
        foreach (var field in (IEnumerable<FingerprintField>)[
            new("protocol", TrainingSettings.Text((int)FrameHeader.ProtocolVersion)),
            .. options.Settings.Select(pair => new FingerprintField(pair.Key, pair.Value)),
            .. parts.Ring.Fields(), .. parts.Training.Fields(), .. parts.Sampling.Fields(),
            new("model.parameters", TrainingSettings.Text(parts.Parameters.Count)),
            // peer run says by its settings what its network is.
            .. options.Settings.ContainsKey("model.kind") ? [] : parts.Training.Network])
        {
            var same = fields.Find(known => known.Name == field.Name).Value;
            if (same is null)
                fields.Add(field);
            else if (same != field.Value)
                throw new ArgumentException($"{field.Name}: found \"{field.Value}\", and \"{same}\" somewhere else; allowed is "
                    + "one value in peers.json, the optimizer, the sampler and PeerOptions.Settings");
        }
        return new Fingerprint(fields);
    }

    RingOptions RingOptions() => new()
    {
        PeerIds = names,
        SelfIndex = parts.Self.Index,
        Fingerprint = fingerprint,
        ParameterCount = method.Parameters,
        Exchange = parts.Ring.Exchange switch
        {
            "ring" => ExchangeKind.Ring,
            "direct" => ExchangeKind.Direct,
            _ => null,
        },
        BucketsOf = method.BucketsOf,
        SharedBatch = parts.Sampling.SharedBatch,
        Batches = parts.Sampling.Size.Own.Distinct().Count() > 1 ? parts.Sampling.Size.Own : [],
        ReplicatedStateBytes = sizeof(float)
            * (method.Parameters + state.ReplicatedState.Sum(vector => (long)vector.Vector.Length)),
        // With a ballot of signs and, where momenta are synchronised, of as many values.
        LocalStateBytes = state.LocalState.Any(vector => vector.IsTransferable)
            ? sizeof(float) * (method.Parameters + state.LocalState.Sum(vector => (long)vector.Vector.Length)) : 0,
        RatesOf = step => new StepRates(parts.Training.Rate.At(step), parts.Training.WeightDecay),
        LastStep = LastStep,
        MinPeers = parts.Ring.MinPeers,
        Bootstrap = options.Bootstrap,
        Timings = TimingsOf(parts.Ring),
        Profile = profile,
    };

    /// <summary>Signs of life come several times as often as they are missed after.</summary>
    internal static RingTimings TimingsOf(RingConfig config)
    {
        var suspect = TimeSpan.FromSeconds(config.SuspectAfter);
        var usual = RingTimings.Default.HeartbeatInterval;
        return RingTimings.Default with
        {
            SuspicionTimeout = suspect,
            HeartbeatInterval = suspect / 5 < usual ? suspect / 5 : usual,
            UseStragglerDeadline = config.Deadline != "off",
        };
    }
}
