using System.Globalization;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;
using TorchSharp;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// A peer as <c>peer run --child</c> is one, with the program's own training, journal and checkpoints, whose gradients take a set
/// time, and which says how many bytes it had received when it was a member again.
/// </summary>
static class PacedPeer
{
    /// <summary>The hidden command that such a peer is started with.</summary>
    public const string Command = "paced-peer";

    /// <summary>The note of a peer that rejoined: the bytes received, the last step of its journal at the start, and
    /// now.</summary>
    public const string Rejoined = "rejoined";

    /// <summary>The words of its command, up to the milliseconds of a gradient.</summary>
    public static string[] Words(string peersFile, string id, string folder) =>
        [.. Machine.OwnProgram, Command, peersFile, id, folder];

    /// <summary>Arguments: peers.json, our id, our folder, milliseconds of a gradient.</summary>
    public static int Run(string[] arguments, TextReader input, TextWriter output)
    {
        torch.set_num_threads(1);
        RunConfig run = RunConfig.Read(arguments[0]);
        TrainingSettings training = run.Training;
        RosterEntry self = run.Roster.Peers.Single(peer => peer.Id == arguments[1]);
        string[] names = [.. run.Roster.Peers.Select(peer => peer.Id)];
        var pace = TimeSpan.FromMilliseconds(int.Parse(arguments[3], CultureInfo.InvariantCulture));
        using var stop = StopSignal.OfParent(TimeProvider.System, input);
        using var data = run.Data.Open();
        using var model = RunModel.Create(run, data, "cpu");
        var optimizer = OptimizerFactory.Create(training.Options, model.Layout, self.Index, training.Seed);
        var replica = new Replica(model.Parameters, optimizer, new PooledSampler(data.Train.Count, training.BatchSize,
            Sampler.InitialState([.. run.Roster.Peers.Select(peer => peer.Index)])));
        var state = new CheckpointState(RunModel.Tensors(model), replica.Previous, optimizer.ReplicatedState,
            optimizer.LocalState);
        Fingerprint fingerprint = run.Fingerprint(FrameHeader.ProtocolVersion, model.Count, data);
        var checkpoints = new CheckpointFolder(arguments[2]);
        var saved = new CheckpointManager(self.Id, checkpoints, state, model.Parameters, replica, fingerprint, Tell);
        bool resumed = saved.TryLoad(long.MaxValue, out PendingBallot? open);
        if (!resumed)
            saved.Save(open);
        using StepJournal journal = StepJournal.Open(arguments[2], model.Count, TimeProvider.System,
            (replica.Step, replica.Chain));
        using var snapshots = new SnapshotStore(checkpoints, state);
        var options = new RingOptions
        {
            PeerIds = names,
            SelfIndex = self.Index,
            Fingerprint = fingerprint,
            ParameterCount = model.Count,
            RatesOf = _ => new StepRates(training.LearningRate, training.WeightDecay),
            LastStep = training.Steps,
        };
        long last = journal.LastStep;
        using PeerKeyPair? key = run.Roster.Insecure
            ? null : KeyFile.Read(KeyFile.PathFor(arguments[0], self.Id), run.Roster.Peers[self.Index]);
        Ring? counted = null;
        using var ring = new Ring(TransportEndpoints.Of(run.Roster, options.SelfIndex, key), options, journal, snapshots,
            new ViewStore(arguments[2]), Happened);
        counted = ring;
        var turns = new PacedTurns(ring, pace, stop.Token);
        var trainer = new Trainer(new TrainerServices
        {
            Self = self.Index,
            Names = names,
            LastStep = training.Steps,
            CheckpointEvery = training.CheckpointEvery,
            NonFiniteLimit = training.NonFiniteLimit,
            Options = training.Options,
            Rate = training.Rate,
            Parameters = model.Parameters,
            Replica = replica,
            Checkpoints = saved,
            Journal = journal,
            Time = TimeProvider.System,
            OverlapsCopy = true,
            Tell = Tell,
        }, turns)
        {
            Started = new Started(self.Id, 0, training.Steps, names.Length, model.Count, "cpu", fingerprint.Hex),
        };
        trainer.Begin(resumed, open, last);
        ring.Start();
        using var leave = stop.Token.Register(ring.RequestStop);
        var order = new ShuffledOrder(training.Seed, data.Train.Count);
        while (trainer.WaitForStep())
        {
            var positions = trainer.Ballots.Samples.Positions(self.Index);
            trainer.Cast(model.Backward(data.Train.Read([.. positions.Select(order.At)], positions)));
        }
        trainer.Close();
        return ExitCode.Done;

        void Happened(RingEvent happened)
        {
            if (happened.Kind is RingEventKind.Rejoined or RingEventKind.Joined && happened.Peer == self.Index)
                Tell(new Note(string.Create(CultureInfo.InvariantCulture,
                    $"{Rejoined} {counted!.Counters.BytesReceived} {last} {journal.LastStep}")));
            Tell(PeerEvents.Of(happened, names, replica.Step, TimeProvider.System));
        }

        void Tell(PeerEvent happened)
        {
            lock (output)
                output.WriteLine(EventLine.Write(happened));
        }
    }
}
