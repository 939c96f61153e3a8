using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Commands;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Methods;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>One process of a peer, as PeerRun puts it together, but for the ring: a folder, a model, data, events.</summary>
sealed class Host : IDisposable
{
    public const int Steps = 12;

    readonly SavedState saved;
    readonly LocalVote local;
    readonly bool resumed;
    readonly OpenBallot? open;

    /// <param name="folder">The peer's folder.</param>
    /// <param name="data">What it trains on.</param>
    /// <param name="members">Members of a ring in the tests' mind; each takes samples.</param>
    /// <param name="peer">Its id.</param>
    /// <param name="width">The model's.</param>
    /// <param name="settings">More fields of peers.json.</param>
    public Host(string folder, SyntheticPart? data = null, int members = 1, string peer = "a", int width = 8, string settings = "")
    {
        Data = data ?? new SyntheticPart();
        Run = RunFile.Read(SettingsReader.Parse($$"""
            {
              "run": "r", "steps": {{Steps}}, "batch": 4, "learningRate": 0.01, "nonFiniteLimit": 3, "insecure": true,
              "checkpointEvery": 5, "evaluateEvery": 4, "model": {"kind": "mlp", "width": {{width}}, "depth": 1}, "data": {"kind": "glyphs"},{{(settings == "" ? "" : settings + ",")}}
              "peers": [{"id": "a", "address": "127.0.0.1", "port": 7000}, {"id": "b", "address": "127.0.0.1", "port": 8000}]
            }
            """, "peers.json"), "/tmp/peers.json", null);
        torch.manual_seed(1);
        Model = new FlatModel(Networks.Create(Run.Model, [1, 4, 4], 2), torch.device("cpu"));
        var roster = DataPlan.Beginning([.. Enumerable.Range(0, members)]);
        var method = MethodFactory.Create(Run.Training, Model.Layout, 0);
        Replica = new Replica(Model, method, new SharedPlan(Data.Count, Run.Training.StepSize, roster));
        Momentum = method.Own is [var first, ..] ? first.Values : [];
        local = new LocalVote(Run.Training, Model, Data, method);
        State = new CheckpointState(TrainedModel.Tensors(Model), Replica.Previous, method.Shared, method.Own);
        Checkpoints = new CheckpointFolder(folder);
        saved = new SavedState(peer, Checkpoints, State, Model, Replica, Run.Fingerprint(1, Model.Count, [1]), Events.Add);
        resumed = saved.TryLoad(long.MaxValue, out open);
        if (!resumed)
            saved.Save(null);
        Journal = StepJournal.Open(folder, method.Parts, TimeProvider.System, (Replica.Step, Replica.Chain));
        if (Journal.Last == 0)
            Journal.Restart(0, ChainDigest.Of([7])); // founded
        Ring = new RingOfOne(Journal, Model.Count, Steps) { Parts = method.Parts };
    }

    public RunFile Run { get; }
    public SyntheticPart Data { get; }
    public FlatModel Model { get; }
    public Replica Replica { get; }
    public float[] Momentum { get; }
    public CheckpointState State { get; }
    public CheckpointFolder Checkpoints { get; }
    public StepJournal Journal { get; }
    public RingOfOne Ring { get; set; }
    public List<PeerEvent> Events { get; } = [];
    public IEnumerable<string> Notes => Events.OfType<Noted>().Select(noted => noted.Text);
    public IEnumerable<long> Reported => Events.OfType<Stepped>().Select(stepped => stepped.Step);

    /// <summary>The steps from one to another.</summary>
    public static IEnumerable<long> Range(long first, long last) =>
        Enumerable.Range((int)first, (int)(last - first + 1)).Select(step => (long)step);

    public int Train(int self = 0, long reported = 0, TimeProvider? time = null, double slow = 1)
    {
        var loop = new TrainingLoop(Run.Training, self, Model, local, new SampleOrder(Run.Training.Seed, Data.Count), Replica, Ring, time ?? TimeProvider.System, Events.Add)
        {
            Open = open,
            Slow = slow,
        };
        return new Trainer(Run.Training, ["a", "b"], self, Model, Data, new TheoryProbe(Run.Training, Model, Data, State), Replica, loop, saved, Journal, Ring, TimeProvider.System, Events.Add)
        {
            Started = new Started("a", 0, Steps, 2, Model.Count, "cpu", "f"),
            IsResumed = resumed,
            Reported = reported,
        }.Run();
    }

    public void Dispose()
    {
        Journal.Dispose();
        Model.Dispose();
    }
}
