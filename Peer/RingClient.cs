using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Peer.Telemetry;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion;

/// <summary>
/// One peer's part in a ring. Make it, then the optimizer, then the sampler, and train. The peers meet when the first step is
/// asked for, because they compare the whole of what they train: model, method and data. At the end it leaves in order.
/// </summary>
public sealed class RingClient : IAsyncDisposable
{
    readonly RingConfig config;
    readonly RosterEntry self;
    readonly PeerIdentity identity;
    readonly TransportEndpoints links;
    readonly PeerOptions options;
    readonly TimeProvider time;
    readonly FolderLock folderLock;
    readonly EventWriter events;
    readonly SingleThreadGuard guard = new();
    readonly long told;
    FlatParameters? parameters;
    NetworkBuffers? buffers;
    OptimizerSettings? training;
    SamplerSettings? sampling;
    RingSession? session;
    volatile bool isStopRequested;
    CancellationTokenRegistration cancellation;
    bool disposed, failed;

    RingClient(RingConfig config, RosterEntry self, PeerIdentity identity, TransportEndpoints links, PeerOptions options,
        TimeProvider time)
    {
        (this.config, this.self, this.identity, this.links, this.options, this.time) =
            (config, self, identity, links, options, time);
        Folder = options.Folder ?? Path.Combine("runs", config.Run, self.Id);
        folderLock = FolderLock.OfPeer(Folder, self.Id);
        try
        {
            var metrics = Path.Combine(Folder, MetricsFolder.FileName);
            if (options.Fresh)
                Clear(metrics);
            told = ReportedProgress.Step(metrics);
            events = new EventWriter(new MetricsFile(metrics), new PeerTelemetry(config.Run, PeerIds, self.Index, time),
                options.Log is { } log ? new OperatorLog(log, self.Id, time).Write + options.OnEvent : options.OnEvent);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>This peer's id in the roster.</summary>
    public string Id => self.Id;

    /// <summary>The ids of all peers of the roster, in its order.</summary>
    public IReadOnlyList<string> PeerIds => [.. config.Roster.Peers.Select(peer => peer.Id)];

    /// <summary>The folder of this peer's checkpoints, journal and metrics.</summary>
    public string Folder { get; }

    /// <summary>True when the run is over for this peer: its last step is applied, or it has left.</summary>
    public bool HasEnded => disposed || failed || session?.Trainer?.HasEnded == true;

    /// <summary>True when this peer is the lowest-ranked member of the last step's view. All replicas are equal, so what needs to
    /// be done by one peer only, as an evaluation, is this one's.</summary>
    public bool IsLowestRanked => session is { } open && open.Replica.Data.State.Members[0] == self.Index;

    /// <summary>Called on the training thread after each step that is applied.</summary>
    internal Action<AppliedStep>? Applied { get; set; }

    /// <summary>The trainer, once the ring is started.</summary>
    internal Trainer Trainer => session?.Trainer ?? throw new InvalidOperationException("the ring is not started");

    /// <summary>Gradients of a step and peer; more than one with local steps.</summary>
    internal int LocalSteps => training?.Options.LocalSteps
        ?? throw new InvalidOperationException("the ring has no optimizer yet; make the optimizer before the sampler");

    /// <summary>The place that the options give for the flat vectors; null: they give none.</summary>
    internal VectorPlacement? Placement => options.Placement;

    /// <summary>The place of the flat vectors, once there is an optimizer.</summary>
    internal VectorPlace? Place => parameters?.Place;

    /// <summary>The samples of a step are shared out by the peers' measured gradient times.</summary>
    internal bool IsBatchShared => config.IsBatchShared;

    /// <summary>The samples of each peer in a mini-batch, where the roster says any.</summary>
    /// <param name="usual">Those of a peer whose entry says none.</param>
    internal IReadOnlyList<int> BatchesOf(int usual) => config.Roster.BatchesOf(usual);

    /// <summary>The index in the roster.</summary>
    internal int SelfIndex => self.Index;

    /// <summary>Takes part in the ring of a roster: reads and checks it, finds this peer's key, and locks its folder.</summary>
    /// <param name="roster">The roster's file, usually <c>peers.json</c>: <c>run</c>, <c>peers</c>, and the settings of the ring
    /// (docs/configuration.md).</param>
    /// <param name="id">This peer's id in the roster.</param>
    /// <param name="options">This host's options.</param>
    /// <param name="cancel">Asks the peer to leave in order, at any time.</param>
    /// <exception cref="SettingsException">A field of the roster is missing, unknown or out of line, or there is no such
    /// peer.</exception>
    /// <exception cref="ArgumentException">A setting of <see cref="PeerOptions.Settings"/> is too long.</exception>
    /// <exception cref="KeyFileException">The key file is not what it must be.</exception>
    /// <exception cref="CheckpointException">The folder is another process's, or another peer's.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="RingException">The system allows too few open files.</exception>
    public static Task<RingClient> JoinAsync(string roster, string id, PeerOptions? options = null,
        CancellationToken cancel = default) => JoinAsync(roster, id, options, TimeProvider.System, cancel);

    internal static Task<RingClient> JoinAsync(string roster, string id, PeerOptions? options, TimeProvider time,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(roster);
        options ??= new PeerOptions();
        options.Validate();
        var config = RingConfig.Read(roster, options.OwnFields);
        var self = config.Roster.Find(id) ?? throw new SettingsException(roster, "peers",
            $"there is no peer \"{id}\"; allowed is one of {string.Join(", ", config.Roster.Peers.Select(peer => peer.Id))}");
        if (FileHandles.Shortage(config.Roster.Count) is { } shortage)
            throw new RingException(shortage);
        var identity = new PeerIdentity(config.Path, config.Roster, self, options.KeyFile);
        var ring = new RingClient(config, self, identity, identity.Links(config.Roster), options, time);
        ring.cancellation = cancel.Register(ring.RequestStop);
        return Task.FromResult(ring);
    }

    /// <summary>Asks to leave in order, from any thread: <c>step()</c> returns as soon as the others can do without this peer,
    /// and <see cref="HasEnded"/> is true then.</summary>
    public void RequestStop()
    {
        isStopRequested = true;
        if (!disposed)
            session?.RequestStop();
    }

    /// <summary>Completes when the ring's thread has come to it: true while a ring is up, false before.</summary>
    internal Task<bool> PingAsync() => session?.PingAsync() ?? Task.FromResult(false);

    /// <summary>Writes an event to this peer's metrics, such as an evaluation of the program's own.</summary>
    public void Record(PeerEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        ThrowIfClosed();
        events.Report(happened);
    }

    /// <summary>Notes that this peer measures its weights now: if its gradient is late meanwhile, the metrics say why.</summary>
    public void MarkEvaluating() => Trainer.Occupy(AbstentionReason.Evaluating);

    /// <summary>Leaves in order and closes everything. Others go on; a peer that has applied the last step stays until they have
    /// it, too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        guard.Claim(nameof(DisposeAsync));
        await cancellation.DisposeAsync();
        try
        {
            if (!failed && session is { } open)
                await Task.Run(() => Leave(open));
        }
        finally
        {
            disposed = true;
            session?.Dispose();
            events.Dispose();
            folderLock.Dispose();
            parameters?.Dispose();
        }
    }

    /// <summary>Takes the optimizer of this ring.</summary>
    internal void Attach(FlatParameters parameters, NetworkBuffers buffers, OptimizerSettings training)
    {
        ThrowIfClosed();
        if (this.training is not null)
            throw new InvalidOperationException("the ring has an optimizer already; allowed is one for each ring: give it all "
                + "parameters, or make another ring");
        (this.parameters, this.buffers, this.training) = (parameters, buffers, training);
    }

    /// <summary>Takes the sampler of this ring.</summary>
    internal void Attach(SamplerSettings sampling)
    {
        ThrowIfClosed();
        if (this.sampling is not null)
            throw new InvalidOperationException("the ring has a sampler already; allowed is one for each ring");
        if (session is not null)
            throw new InvalidOperationException("training has begun; make the sampler before CurrentStep is read or a step is "
                + "made, because the peers compare it when they meet");
        this.sampling = sampling;
    }

    /// <summary>The state on this peer's disk, loaded when it is asked for first.</summary>
    internal RingSession Open()
    {
        ThrowIfClosed();
        if (session is not null)
            return session;
        if (training is null)
            throw new InvalidOperationException("the ring has no optimizer yet; make one with it first");
        foreach (var warning in config.Warnings())
            events.Report(new Note(warning));
        return session = new RingSession(
            new SessionParts(config, self, identity, parameters!, buffers!, training,
                sampling ?? SamplerSettings.None(config, LocalSteps)), Folder,
            options, events, time);
    }

    /// <summary>Waits until a gradient is wanted; applies what was decided until then.</summary>
    /// <returns>False: the run is over for this peer.</returns>
    internal bool WaitForStep()
    {
        var open = Open();
        if (IsApplying)
            throw new InvalidOperationException("the next step was asked for from StepApplied, which is raised within a step");
        if (open.Trainer is null)
        {
            open.Start(links, OnApplied, told);
            if (isStopRequested)
                open.RequestStop();
        }
        try
        {
            return open.Trainer is { HasEnded: false } trainer && trainer.WaitForStep();
        }
        catch (RingException)
        {
            failed = true;
            throw;
        }
    }

    /// <summary>The error of a step that is asked for when the run is over.</summary>
    internal InvalidOperationException Over() => new($"peer {self.Id} has left the ring, or the run is over; a loop ends by "
        + "RingClient.HasEnded or by DistributedOptimizer.WaitForStep()");

    /// <summary>Lets one thread at a time train; the same one may come in again.</summary>
    internal SingleThreadGuard.Turn Enter(string what)
    {
        ThrowIfClosed();
        return guard.Enter(what);
    }

    /// <summary>True while the ring calls the program, from <c>StepApplied</c>.</summary>
    internal bool IsApplying { get; private set; }

    void OnApplied(AppliedStep step)
    {
        IsApplying = true;
        try
        {
            Applied?.Invoke(step);
        }
        finally
        {
            IsApplying = false;
        }
    }

    void Leave(RingSession open)
    {
        guard.TakeOver(); // from the caller's thread: StepApplied is raised on this one now
        var isComplete = open.Replica.Step >= (training!.Rate.Steps ?? long.MaxValue);
        if (open.Trainer is null && isComplete)
            WaitForStep(); // the others may not have the last step yet
        if (open.Trainer is not { } trainer)
            return;
        trainer.Leave();
        trainer.Close();
    }

    void Clear(string metrics)
    {
        new CheckpointFolder(Folder).Clear();
        StepJournal.Clear(Folder);
        new ViewStore(Folder).Clear();
        File.Delete(metrics);
    }

    void ThrowIfClosed()
    {
        if (disposed)
            throw new ObjectDisposedException(nameof(RingClient), $"peer {self.Id} has left the ring");
        if (failed)
            throw new RingException("the ring has failed before; make a new RingClient to continue from its folder");
    }
}
