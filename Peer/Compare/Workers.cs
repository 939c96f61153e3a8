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
    readonly LocalVote[] votes;
    readonly Schedule schedule;
    readonly Method[] methods;
    readonly Queue<StepRecord> undone = [];
    readonly int[] members;
    readonly VoterSet all;
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
        all = VoterSet.Of(members);
        IDataPart[] parts = [.. members.Select(member => partition.PartOf(data, member, workers, settings.Seed))];
        plan = partition.Plan(data.Train.Count, workers, settings.StepSize);
        orders = [.. parts.Select(part => new SampleOrder(settings.Seed, part.Count))];
        schedule = Schedule.Of(settings);
        methods = [.. members.Select(member => MethodFactory.Create(settings, model.Layout, member))];
        votes = [.. members.Select(member => new LocalVote(settings, model, parts[member], methods[member]))];
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
    /// <returns>The mean loss of the workers; no number where one has none, and that worker casts nothing.</returns>
    public float Next()
    {
        var step = Step + 1;
        var parts = methods[0].Parts(step);
        if (ballots.Length == 0 || !ballots[0].Parts.Select(part => part.Part).SequenceEqual(parts))
            ballots = [.. members.Select(_ => new Ballot(parts))];
        var rate = schedule.LearningRate(step - 1);
        var losses = new float[members.Length];
        var voters = VoterSet.Empty;
        int[] trained = [.. members.Where(plan.Has)];                   // by class there may be no sample for some
        foreach (var worker in trained)
        {
            if (votes[worker].TryCast(plan.Samples(orders[worker], worker), plan.Positions(worker), step, ballots[worker], out losses[worker]))
                voters = voters.With(worker);
        }
        Decide(step, parts, rate, voters, [.. voters.Select(voter => BitConverter.SingleToUInt32Bits(losses[voter]))]);
        plan.Advance(voters, members);
        Step = step;
        return trained.Average(worker => losses[worker]);
    }

    void Decide(long step, IReadOnlyList<StepPart> parts, float rate, VoterSet voters, uint[] losses)
    {
        var outcomes = voters.IsEmpty ? [] : new Outcome[parts.Count];
        for (var part = 0; part < outcomes.Length; part++)
            outcomes[part] = Fold.Of(parts[part], [.. voters.Select(voter => ballots[voter].Parts[part])], step,
                parts[part].Reduction is MajorityVote ? previous : []);
        undone.Enqueue(new StepRecord(step, 1, 1, all, voters, losses, BitConverter.SingleToUInt32Bits(rate),
            BitConverter.SingleToUInt32Bits(settings.WeightDecay), outcomes, default));
        if (parts[0].Reduction is MajorityVote && !voters.IsEmpty)
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
