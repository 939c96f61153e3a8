using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>
/// The check of what was decided and applied: once, in order, never otherwise, as a plain count of the ballots says; and the
/// weights that follow from it on a replica of its own.
/// </summary>
sealed class ChainOracle(Scenario scenario, Invariants invariants, ViewOracle views, SimulationCounts counts)
{
    const int DetectionStepsMax = SimulatedReplica.Slices;
    const int Running = 3; // steps that may be under way when a difference is found

    readonly Dictionary<Digest, Node> nodes = [];
    readonly Dictionary<(ulong RunId, long Step), (Digest Digest, string Who)> decided = [];
    readonly Dictionary<(int View, long Step, Digest Digest), PeerSet> persisted = [];
    readonly Dictionary<(int Peer, long Step, uint Loss), Ballot> cast = [];

    /// <summary>A trainer gives its ballot.</summary>
    public void Cast(int peer, long step, Ballot? ballot, float loss)
    {
        if (ballot is not null)
            cast[(peer, step, BitConverter.SingleToUInt32Bits(loss))] = ballot;
    }

    /// <summary>A member says that it holds a step; what a quorum holds is decided, applied or not.</summary>
    public void OnPersisted(int peer, View view, long step, Digest record)
    {
        PeerSet holders = persisted.GetValueOrDefault((view.Number, step, record)).With(peer);
        persisted[(view.Number, step, record)] = holders;
        if (view.IsQuorum(holders))
            Decide(view.RunId, step, record, $"{holders} hold it in view {view.Name}");
    }

    /// <summary>A new view begins; nothing that was applied before may be begun again.</summary>
    public void Installed(View view)
    {
        if (decided.TryGetValue((view.RunId, view.FirstStep), out var lost) && nodes.TryGetValue(lost.Digest, out Node? node)
            && node.Record.View < view.Number)
            invariants.Violated("no applied step is lost (I1)",
                $"view {view.Name} begins at step {view.FirstStep}, which was decided in view {node.Record.View}: {lost.Who}");
        if (decided.TryGetValue((view.RunId, view.FirstStep - 1), out var before) && before.Digest != view.BaseDigest)
            invariants.Violated("no applied step is decided otherwise (I1)",
                $"view {view.Name} begins after {view.BaseDigest.Short} at step "
                + $"{view.FirstStep - 1}, where {before.Digest.Short} was decided: {before.Who}");
    }

    /// <summary>A trainer is about to apply a record.</summary>
    public void Applying(SimulatedProcess process, StepRecord record)
    {
        process.Tick(); // its view may be of this very moment
        SimulatedReplica replica = process.Replica;
        int peer = process.Peer.Index;
        if (record.Step != replica.Step + 1)
        {
            invariants.Violated("steps are applied once and in order (I3)",
                $"p{peer} is at step {replica.Step} and is to apply step {record.Step}");
            return;
        }
        if (!nodes.TryGetValue(record.Digest, out Node? node))
        {
            if ((node = Add(process, record)) is null)
                return;
        }
        else if (!SamePlanes(node.Record, record))
        {
            invariants.Violated("all apply the same record of a step (I2)",
                $"p{peer}'s record of step {record.Step} has {record.Digest.Short}'s "
                + "digest, but not its contents");
        }
        bool follows = replica.Step == 0 || node.Before == replica.Chain
            || (nodes.TryGetValue(replica.Chain, out Node? last) && last.Record.RunId != record.RunId
                && views.Find(record.View)?.BaseDigest == node.Before);
        if (!follows)
            invariants.Violated("the chain digest follows from the one before (I12)",
                $"p{peer} applied {replica.Chain.Short} at step {replica.Step} "
                + $"and is to apply a record that follows {node.Before.Short}");
        Decide(record.RunId, record.Step, record.Digest, $"p{peer} applied it");
    }

    /// <summary>A trainer has applied a record: its weights are everybody's.</summary>
    public void Applied(SimulatedProcess process)
    {
        SimulatedReplica replica = process.Replica;
        SimulatedPeer peer = process.Peer;
        if (!nodes.TryGetValue(replica.Chain, out Node? node))
            return; // a violation, noted already
        if (peer.FlippedAt is { } flipped)
        {
            if (SameWeights(replica, node))
                peer.FlippedAt = null; // the last bit of a weight may round away in a step or two
            else if (replica.Step > flipped + DetectionStepsMax + Running)
                invariants.Violated($"a flipped bit is found within {DetectionStepsMax} steps (I2)",
                    $"p{peer.Index}'s, flipped after step {flipped}, "
                    + $"is still there after step {replica.Step}");
        }
        else if (!SameWeights(replica, node))
        {
            invariants.Violated("the weights are equal on all peers after a step (I2)",
                $"p{peer.Index}'s differ after step {replica.Step}");
        }
    }

    /// <summary>A trainer has loaded a checkpoint.</summary>
    public void Loaded(SimulatedProcess process)
    {
        SimulatedReplica replica = process.Replica;
        SimulatedPeer peer = process.Peer;
        Node? node = null;
        if (replica.Step > 0 && !nodes.TryGetValue(replica.Chain, out node))
        {
            invariants.Violated("a checkpoint is of a step that was applied (I12)",
                $"p{peer.Index} loads one of step {replica.Step} with the chain {replica.Chain.Short}");
        }
        else if (node is null || SameWeights(replica, node))
        {
            counts.Repairs += peer.FlippedAt is null ? 0 : 1;
            peer.FlippedAt = null;
        }
        else if (peer.FlippedAt is null)
        {
            invariants.Violated("the weights are equal on all peers after a step (I2)",
                $"p{peer.Index} loads a checkpoint of step {replica.Step} with other weights");
        }
        else
        {
            peer.FlippedAt = replica.Step; // the damage was written to the disk, too: it must be found once more
        }
    }

    /// <summary>True when a replica has the weights that all must have after its step.</summary>
    public bool IsSound(SimulatedReplica replica) =>
        nodes.TryGetValue(replica.Chain, out Node? node) && SameWeights(replica, node);

    void Decide(ulong runId, long step, Digest digest, string who)
    {
        if (!decided.TryAdd((runId, step), (digest, who)) && decided[(runId, step)] is var first && first.Digest != digest)
            invariants.Violated("a step is decided once, and no applied step is lost or decided otherwise (I1, I3 and I5)",
                $"step {step} is {digest.Short} ({who}) and was {first.Digest.Short} ({first.Who})");
    }

    /// <summary>Checks a record that nobody has applied before.</summary>
    Node? Add(SimulatedProcess process, StepRecord record)
    {
        int peer = process.Peer.Index;
        SimulatedReplica replica = process.Replica;
        Digest before = process.Peer.Disk.DigestAfter(record.Step - 1) ?? replica.Chain;
        string name = $"step {record.Step} of view {record.View} ({record.Digest.Short})";
        if (record.WithDigestAfter(before).Digest != record.Digest)
            return Broken("the chain digest follows from the one before (I12)", $"{name} does not follow {before.Short}");
        if (views.Find(record.View) is not { } view || view.RunId != record.RunId)
            return Broken("a step is decided in a view (I13)", $"no member has installed the view of {name}");
        if (!IsCommitted(view, record))
            return Broken("a step is applied only when it is committed (I10)",
                $"p{peer} is to apply {name}, which only {AckedBy(view, record)} of {view.MemberSet} hold");
        nodes.TryGetValue(replica.Chain, out Node? parent);
        if (parent is null && record.Step > 1)
            return Broken("a step follows one that was applied (I12)", $"p{peer} is to apply {name} after an unknown one");

        var weights = new float[scenario.Parameters];
        var previous = new ulong[BitPlanes.Words(scenario.Parameters)];
        (parent?.Weights ?? replica.Weights).CopyTo(weights, 0);
        (parent?.Previous ?? replica.Previous).CopyTo(previous, 0);
        StepRecord kept = record.Copy();
        CheckAggregate(view, kept, name, previous);
        ReferenceUpdate.Apply(kept, scenario.Buckets(kept.Step), weights, previous);
        counts.Steps++;
        counts.Abstentions += view.Count - record.Voters.Count;
        return nodes[record.Digest] = new Node(kept, before, weights, previous);

        Node? Broken(string promise, string happened)
        {
            invariants.Violated(promise, happened);
            return null;
        }
    }

    void CheckAggregate(View view, StepRecord record, string name, ulong[] previous)
    {
        var rates = Scenario.Rates(record.Step);
        if (record.Members != view.MemberSet || !record.Voters.IsSubsetOf(view.MemberSet)
            || record.LossBits.Length != record.Voters.Count
            || record.LearningRate != rates.LearningRate || record.WeightDecay != rates.WeightDecay
            || !AreBatches(record.Batches, view, view.BatchesAt(record.Step))
            || !AreBatches(record.NextBatches, view, view.Shares.Batches) || !scenario.AreBatches(view))
        {
            invariants.Violated("a record says what was decided, and by whom (I13)",
                $"{name} has the members {record.Members}, the voters {record.Voters}, "
                + $"{record.LossBits.Length} losses, lr {record.LearningRate}, λ {record.WeightDecay}, the batches "
                + $"{string.Join(", ", record.Batches)}, then {string.Join(", ", record.NextBatches)}; its view has "
                + $"{view.MemberSet} and {string.Join(", ", view.Shares.Batches)}");
            return;
        }
        var ballots = new List<(int Voter, Ballot Ballot)>();
        foreach (int voter in record.Voters)
        {
            if (!cast.TryGetValue((voter, record.Step, record.LossBits[ballots.Count]), out Ballot? ballot))
            {
                invariants.Violated("each loss is the voter's own (I13)",
                    $"{name} has a loss of p{voter} that p{voter} never reported for that step");
                return;
            }
            ballots.Add((voter, ballot));
        }
        int[] before = new int[scenario.Parameters];
        for (int i = 0; i < before.Length; i++)
            before[i] = ReferenceVote.Bit(previous[i / 64], i % 64) ? 1 : -1;
        IReadOnlyList<Bucket> buckets = scenario.Buckets(record.Step);
        for (int index = 0; index < buckets.Count; index++)
        {
            var cast = ballots.ConvertAll(one => (one.Voter, one.Ballot.Buckets[index]));
            if (!ReferenceReduction.AreEqual(record.Buckets[index],
                ReferenceReduction.Decide(buckets[index], cast, view, record.Step, before)))
            {
                invariants.Violated("the aggregate is what the voters' ballots say (I3, I13)",
                    $"{name} has part {index} ({buckets[index].Reduction.GetType().Name}) otherwise than the ballots of "
                        + $"{record.Voters} say");
                return;
            }
        }
    }

    static bool AreBatches(int[] ofRecord, View view, IReadOnlyList<int> ofView) => ofRecord.Length == ofView.Count
        && ofRecord.Zip(view.MemberSet).All(pair => pair.First == ofView[view.PositionOf(pair.Second)]);

    /// <summary>A quorum of its view holds it, or a later view went on after it.</summary>
    bool IsCommitted(View view, StepRecord record)
    {
        foreach (View later in views.All)
        {
            if (later.Number > view.Number && later.FirstStep > record.Step)
                return true;
        }
        return view.IsQuorum(AckedBy(view, record));
    }

    PeerSet AckedBy(View view, StepRecord record)
    {
        PeerSet holders = persisted.GetValueOrDefault((view.Number, record.Step, record.Digest));
        foreach (int member in view.Members)
        {
            if (DiskOf?.Invoke(member).DigestAfter(record.Step) == record.Digest)
                holders = holders.With(member);
        }
        return holders;
    }

    /// <summary>The peers' disks.</summary>
    public Func<int, SimulatedDisk>? DiskOf { get; init; }

    static bool SamePlanes(StepRecord first, StepRecord second) => first.Voters == second.Voters
        && first.Buckets.Length == second.Buckets.Length
        && first.Buckets.Zip(second.Buckets, ReferenceReduction.AreEqual).All(equal => equal);

    static bool SameWeights(SimulatedReplica replica, Node node) =>
        MemoryMarshal.AsBytes<float>(replica.Weights).SequenceEqual(MemoryMarshal.AsBytes<float>(node.Weights))
        && replica.Previous.AsSpan().SequenceEqual(node.Previous);

    /// <summary>An applied record, what it follows, and the replica after it.</summary>
    sealed record Node(StepRecord Record, Digest Before, float[] Weights, ulong[] Previous);
}
