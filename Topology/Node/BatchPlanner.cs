using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>
/// Plans the batches of the next view's members (docs/protocol.md#weights): those of the settings, or shares of a sum by the
/// members' measured gradient times. Shares change with a view that changes anyway, or when they are clearly wrong for a while;
/// each change that is made for their sake alone makes the next one wait longer.
/// </summary>
sealed class BatchPlanner(RingOptions options, MemberState state, FailureDetector detector, TimeProvider clock)
{
    // A step takes so much longer than it must: with a view that changes anyway, or another member's proposal, new shares are
    // taken; for so much a view is proposed.
    const double AcceptedLoss = 0.1, ClearLoss = 0.2;

    // A wish that finds no quorum for so many times its time is dropped, and must be sustained anew.
    const double WishPatience = 2;

    static readonly TimeSpan intervalMax = TimeSpan.FromHours(1);

    readonly SampleTimes own = new();
    TimeSpan interval = options.Timings.RebalanceInterval;
    long? wishedSince, rebalancedAt;

    /// <summary>The time that this peer's gradients take per sample; zero: not known yet.</summary>
    public double SecondsPerSample => own.Median;

    /// <summary>The present shares have been clearly wrong for long enough: a view should be proposed that has others.</summary>
    public bool IsDue => wishedSince is { } since && clock.GetElapsedTime(since) >= options.Timings.RebalanceTime;

    /// <summary>The present shares look wrong here, too: this member agrees when another proposes others.</summary>
    public bool AcceptsOthers => Loss() > AcceptedLoss;

    View View => state.View;

    /// <summary>Notes how long a gradient of this peer took.</summary>
    public void RecordGradientTime(long step, TimeSpan took)
    {
        if (options.SharedBatch is not null && View.PositionOf(options.SelfIndex) is >= 0 and var at
            && View.Shares.Batches.Count > 0)
            own.Record(took, (step <= View.FirstStep ? View.Shares.First : View.Shares.Batches)[at]);
    }

    /// <summary>Judges the present shares by what the members say of their speed now.</summary>
    public void Tick()
    {
        bool isWrong = options.SharedBatch is not null && state.IsActive && !View.IsFinal && Loss() > ClearLoss
            && (rebalancedAt is not { } last || clock.GetElapsedTime(last) >= interval);
        if (!isWrong || (wishedSince is { } since
            && clock.GetElapsedTime(since) > (1 + WishPatience) * options.Timings.RebalanceTime))
            wishedSince = null;
        else
            wishedSince ??= clock.GetTimestamp();
    }

    /// <summary>Notes that a view is installed.</summary>
    public void OnViewInstalled(View old, View view)
    {
        bool isForBatches = old.MemberSet == view.MemberSet && (IsDue || HaveChanged(old, view));
        wishedSince = null;
        if (!isForBatches)
            return;
        interval = rebalancedAt is null || 2 * interval > intervalMax ? interval : 2 * interval;
        rebalancedAt = clock.GetTimestamp();
    }

    /// <summary>True when a member of both views has another batch in the second.</summary>
    public static bool HaveChanged(View old, View view) => old.Shares.Batches.Count > 0 && view.Members.Any(member =>
        old.MemberSet.Contains(member) && old.BatchOf(member) != view.BatchOf(member));

    /// <summary>The batches of a view that is to follow the present one.</summary>
    /// <param name="members">Its members, in their order.</param>
    /// <param name="present">The present view.</param>
    /// <param name="firstStep">Its first step.</param>
    public BatchShares SharesOf(IReadOnlyList<int> members, View present, long firstStep)
    {
        if (BatchesOf(members, present) is not { } batches)
            return BatchShares.None;
        return new BatchShares(batches, present.Number == 0 ? batches : First(members, present, firstStep));
    }

    int[]? BatchesOf(IReadOnlyList<int> members, View present)
    {
        if (options.SharedBatch is not { } sum)
            return options.Batches.Count == 0 ? null : [.. members.Select(member => options.Batches[member])];
        bool areSame = present.Number != 0 && present.Shares.Batches.Count > 0 && members.Count == present.Count
            && members.All(present.MemberSet.Contains);
        if (areSame && Loss() <= AcceptedLoss)
            return [.. members.Select(present.BatchOf)];
        double[] known = [.. members.Select(SecondsOf).Where(time => time > 0).Order()];
        if (known.Length == 0 || present.Number == 0)
            return BatchDivision.Even(sum, members);
        double usual = known[known.Length / 2]; // of who has not said any
        return BatchDivision.BySpeed(sum, [.. members.Select(member => SecondsOf(member) is > 0 and var time ? time : usual)]);
    }

    /// <summary>The share by which a step takes longer than with the best batches; 0 where a speed is not known.</summary>
    double Loss()
    {
        if (options.SharedBatch is not { } sum || View.Number == 0 || View.Shares.Batches.Count == 0)
            return 0;
        double[] times = [.. View.Members.Select(SecondsOf)];
        return times.Contains(0) ? 0
            : BatchDivision.StepTime(View.Shares.Batches, times)
                / BatchDivision.StepTime(BatchDivision.BySpeed(sum, times), times) - 1;
    }

    double SecondsOf(int member) => member == options.SelfIndex ? own.Median
        : detector.HeartbeatOf(member) is { } heartbeat ? heartbeat.SecondsPerSample : 0;

    /// <summary>The samples of the first step were shared out by the record before it: one of the present view, or the one
    /// before that view where it has decided none.</summary>
    static int[] First(IReadOnlyList<int> members, View present, long firstStep) =>
    [
        .. members.Select(member => present.Shares.Batches.Count > 0 && present.PositionOf(member) is >= 0 and var at
            ? (firstStep == present.FirstStep ? present.Shares.First : present.Shares.Batches)[at] : 0),
    ];
}
