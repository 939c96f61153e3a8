using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>One process of a peer, as RingSession puts it together, but for the ring: a folder, a model, data,
/// events.</summary>
sealed class Host : IDisposable
{
    public const int Steps = 12;

    readonly CheckpointManager saved;
    readonly bool resumed;
    readonly PendingBallot? open;

    /// <param name="folder">The peer's folder.</param>
    /// <param name="data">What it trains on.</param>
    /// <param name="members">Members of a ring in the tests' mind; each takes samples.</param>
    /// <param name="peer">Its id.</param>
    /// <param name="width">The model's.</param>
    /// <param name="settings">More fields of peers.json.</param>
    public Host(string folder, SyntheticSplit? data = null, int members = 1, string peer = "a", int width = 8,
        string settings = "")
    {
        Data = data ?? new SyntheticSplit();
        Run = RunConfig.Read(SettingsReader.Parse($$"""
            {
              "run": "r", "steps": {{Steps}}, "batch": 4, "learningRate": 0.01, "nonFiniteLimit": 3, "insecure": true,
              "checkpointEvery": 5, "evaluateEvery": 4, "model": {"kind": "mlp", "width": {{width}}, "depth": 1},
              "data": {"kind": "glyphs"},{{(settings == "" ? "" : settings + ",")}}
              "peers": [{"id": "a", "address": "127.0.0.1", "port": 7000}, {"id": "b", "address": "127.0.0.1", "port": 8000}]
            }
            """, "peers.json"), "/tmp/peers.json", null);
        torch.manual_seed(1);
        Model = new FlatModel(NetworkFactory.Create(Run.Model, [1, 4, 4], 2), torch.device("cpu"));
        var roster = Sampler.InitialState([.. Enumerable.Range(0, members)]);
        var optimizer = OptimizerFactory.Create(Run.Training.Options, Model.Layout, 0, Run.Training.Seed);
        Replica = new Replica(Model.Parameters, optimizer, new PooledSampler(Data.Count, Run.Training.BatchSize, roster));
        Momentum = optimizer.LocalState is [var first, ..] ? first.Values : [];
        State = new CheckpointState(RunModel.Tensors(Model), Replica.Previous, optimizer.ReplicatedState,
            optimizer.LocalState);
        Checkpoints = new CheckpointFolder(folder);
        saved = new CheckpointManager(peer, Checkpoints, State, Model.Parameters, Replica,
            Run.Fingerprint(1, Model.Count, [1]), Events.Add);
        resumed = saved.TryLoad(long.MaxValue, out open);
        if (!resumed)
            saved.Save(null);
        Journal = StepJournal.Open(folder, optimizer.BucketsOf, TimeProvider.System, (Replica.Step, Replica.Chain));
        if (Journal.LastStep == 0)
            Journal.ResetTo(0, Digest.Of([7])); // as when a run begins
        Ring = new RingOfOne(Journal, Model.Count, Steps) { Parts = optimizer.BucketsOf };
    }

    /// <summary>True: a checkpoint is on the disk before anything follows, so that its event comes at one and the same
    /// step.</summary>
    public bool AwaitsDisk { get; init; } = true;

    /// <summary>True: a checkpoint is copied while the next gradient is computed.</summary>
    public bool OverlapsCopy { get; init; } = true;

    public RunConfig Run { get; }
    public SyntheticSplit Data { get; }
    public FlatModel Model { get; }
    public Replica Replica { get; }
    public float[] Momentum { get; }
    public CheckpointState State { get; }
    public CheckpointFolder Checkpoints { get; }
    public StepJournal Journal { get; }
    public RingOfOne Ring { get; set; }
    public List<PeerEvent> Events { get; } = [];
    public IEnumerable<string> Notes => Events.OfType<Note>().Select(note => note.Text);
    public IEnumerable<long> Reported => Events.OfType<Stepped>().Select(stepped => stepped.Step);

    /// <summary>The steps from one to another.</summary>
    public static IEnumerable<long> Range(long first, long last) =>
        Enumerable.Range((int)first, (int)(last - first + 1)).Select(step => (long)step);

    public bool Train(int self = 0, long reported = 0, TimeProvider? time = null, double slow = 1,
        StepProfiler? profiler = null)
    {
        time ??= TimeProvider.System;
        var training = Run.Training;
        Trainer? trainer = null;
        trainer = new Trainer(new TrainerServices
        {
            Self = self,
            Names = ["a", "b"],
            LastStep = training.Steps,
            CheckpointEvery = training.CheckpointEvery,
            NonFiniteLimit = training.NonFiniteLimit,
            Options = training.Options,
            Rate = training.Rate,
            Parameters = Model.Parameters,
            Replica = Replica,
            Checkpoints = saved,
            Journal = Journal,
            Time = time,
            Profiler = profiler,
            OverlapsCopy = OverlapsCopy,
            Tell = Events.Add,
        }, Ring)
        {
            Started = new Started("a", 0, Steps, 2, Model.Count, "cpu", "f"),
            Applied = applied =>
            {
                if (AwaitsDisk)
                    Assert.True(SpinWait.SpinUntil(() => saved.IsIdle, TimeSpan.FromSeconds(60)), "no checkpoint came");
                if (applied.IsReplayed || applied.Step % training.EvaluateEvery != 0 || applied.Step == Steps
                    || !trainer!.IsLowestRanked)
                    return;
                trainer.Occupy(AbstentionReason.Evaluating);
                Evaluate(applied.Step);
            },
        };
        trainer.Begin(resumed, open, reported);
        try
        {
            while (trainer.WaitForStep())
            {
                var began = time.GetTimestamp();
                var loss = Gradient(trainer.Ballots, self);
                if (slow > 1)
                    Task.Delay(time.GetElapsedTime(began) * (slow - 1), time).Wait();
                trainer.Cast(loss);
            }
            if (Replica.Step == Steps && trainer.IsLowestRanked)
                Evaluate(Steps);
            trainer.Close();
            return true;
        }
        catch (NonFiniteGradientException)
        {
            trainer.Leave();
            trainer.Close();
            return false;
        }
    }

    float Gradient(BallotCaster ballots, int self)
    {
        var all = ballots.Samples.Positions(self);
        var count = Math.Min(Run.Training.LocalSteps, all.Length);
        var k = ballots.GradientsGiven;
        var positions = all[(int)((long)all.Length * k / count)..(int)((long)all.Length * (k + 1) / count)];
        var order = new ShuffledOrder(Run.Training.Seed, Data.Count);
        return Model.Backward(Data.Read([.. positions.Select(order.At)], positions));
    }

    void Evaluate(long step)
    {
        Events.Add(new Theory(step, null, null, null));
        Events.Add(new Evaluated(step, Model.Evaluate(Data, 10, 10).Loss, 0, 10, 0, Replica.Chain.ToString()));
    }

    public void Dispose()
    {
        saved.Dispose();
        Journal.Dispose();
        Model.Dispose();
    }
}
