using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Methods;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Compare;

/// <summary>
/// A whole ring in one thread: each worker's gradient one after the other on one and the same network, since replicas are equal, then the
/// step as the ring decides it.
/// </summary>
public sealed class Workers
{
    readonly TrainingSettings settings;
    readonly FlatModel model;
    readonly DataPlan plan;
    readonly SampleOrder[] orders;
    readonly LocalGradient[] gradients;
    readonly Schedule schedule;
    readonly Method[] methods;
    readonly Queue<StepRecord> undone = [];
    readonly int[] members;
    readonly VoterSet voters;
    readonly ulong[] previous;
    Ballot[] ballots = [];

    /// <param name="settings">The run's settings.</param>
    /// <param name="workers">N.</param>
    /// <param name="model">The network, at its initial weights.</param>
    /// <param name="data">The data.</param>
    /// <param name="partition">Whose samples are whose.</param>
    public Workers(TrainingSettings settings, int workers, FlatModel model, IDataset data, Partition partition)
    {
        (this.settings, this.model) = (settings, model);
        members = [.. Enumerable.Range(0, workers)];
        voters = members.Aggregate(default(VoterSet), (set, member) => set.With(member));
        IDataPart[] parts = [.. members.Select(member => partition.PartOf(data, member, workers, settings.Seed))];
        plan = partition.Plan(data.Train.Count, workers, settings.StepSize);
        orders = [.. parts.Select(part => new SampleOrder(settings.Seed, part.Count))];
        gradients = [.. parts.Select(part => new LocalGradient(settings, model, part))];
        schedule = Schedule.Of(settings);
        methods = [.. members.Select(member => MethodFactory.Create(settings, model.Layout, member))];
        previous = new ulong[BitPlanes.Words(model.Count)];
        for (var word = 0; word < previous.Length; word++)
            previous[word] = Coin.Word(0, word);
        previous[^1] &= BitPlanes.TailMask(model.Count);
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>What a step carries.</summary>
    public IReadOnlyList<StepPart> Parts(long step) => methods[0].Parts(step);

    /// <summary>Makes the next step.</summary>
    /// <returns>The mean loss of the workers.</returns>
    public float Next()
    {
        var step = Step + 1;
        var parts = methods[0].Parts(step);
        if (ballots.Length == 0 || !ballots[0].Parts.Select(part => part.Part).SequenceEqual(parts))
            ballots = [.. members.Select(_ => new Ballot(parts))];
        var rate = schedule.LearningRate(step - 1);
        var losses = new uint[members.Length];
        foreach (var worker in members)
        {
            var loss = gradients[worker].Compute(plan.Samples(orders[worker], worker), plan.Positions(worker), step);
            losses[worker] = BitConverter.SingleToUInt32Bits(loss);
            methods[worker].Vote(step, gradients[worker].Gradient, ballots[worker]);
        }
        Decide(step, parts, rate, losses);
        plan.Advance(members, members);
        Step = step;
        return losses.Average(bits => BitConverter.UInt32BitsToSingle(bits));
    }

    void Decide(long step, IReadOnlyList<StepPart> parts, float rate, uint[] losses)
    {
        var outcomes = new Outcome[parts.Count];
        for (var part = 0; part < parts.Count; part++)
            outcomes[part] = Fold.Of(parts[part], [.. ballots.Select(ballot => ballot.Parts[part])], step,
                parts[part].Reduction is MajorityVote ? previous : []);
        undone.Enqueue(new StepRecord(step, 1, 1, voters, voters, losses, BitConverter.SingleToUInt32Bits(rate),
            BitConverter.SingleToUInt32Bits(settings.WeightDecay), outcomes, default));
        if (parts[0].Reduction is MajorityVote)
            Remember(outcomes[0]);
        while (undone.Count > (step == settings.Steps ? 0 : settings.Delay))
            Apply(undone.Dequeue());
    }

    /// <summary>The last verdict that was not zero.</summary>
    void Remember(Outcome verdict)
    {
        for (var word = 0; word < previous.Length; word++)
            previous[word] = (previous[word] & (verdict.Zeros?[word] ?? 0)) | verdict.Planes[word];
    }

    void Apply(StepRecord record)
    {
        methods[0].Apply(record, model.Weights);
        foreach (var other in methods.Skip(1))
            for (var vector = 0; vector < other.Shared.Count; vector++)
                methods[0].Shared[vector].Values.CopyTo(other.Shared[vector].Values, 0);
        foreach (var method in methods)
            method.Settle(record);
        model.Publish();
    }
}
