using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Membership;

/// <summary>What is said when members hold one step with different digests: who, in what, and what to do.</summary>
static class Divergence
{
    /// <summary>A quorum holds something else than this peer.</summary>
    public static string OfOurs(MemberOptions options, View view, StepInHand step, Held committed)
    {
        VoterSet quorum = step.Tally.HoldersOf(committed);
        string half = 2 * quorum.Count == view.Count ? ": half of the ring, with its first peer" : "";
        return $"step {step.Exchange.Step}: {options.Names[options.Self]} differs from a quorum of the ring ({Names(options, quorum)}{half}) in "
            + $"{What(step.Held!.Value, committed)}: {Short(step.Held.Value)} here, {Short(committed)} there. Nothing was applied. "
            + $"Remove the checkpoints of {options.Names[options.Self]} and start all peers again: it takes the others' state.";
    }

    /// <summary>This peer and a quorum agree; another does not.</summary>
    public static string OfAnother(MemberOptions options, int member, StepInHand step)
    {
        Held ours = step.Held!.Value, theirs = step.Tally.Of(member);
        return $"step {step.Exchange.Step}: {options.Names[member]} differs from a quorum of the ring in {What(ours, theirs)}: "
            + $"{Short(theirs)} there, {Short(ours)} here. Step {step.Exchange.Step} is committed; this ring needs all peers and stops "
            + $"after it. Remove the checkpoints of {options.Names[member]} and start all peers again: it takes the others' state.";
    }

    /// <summary>All have said what they hold, and no quorum agrees.</summary>
    public static string WithoutQuorum(MemberOptions options, StepInHand step)
    {
        string said = string.Join(", ", step.Exchange.View.Members.Order()
            .Select(member => $"{options.Names[member]} {Short(step.Tally.Of(member))}"));
        return $"step {step.Exchange.Step}: no quorum of the ring holds one and the same verdict chain/weights: {said}. Nothing was applied. "
            + "Keep the checkpoints of the one peer whose state is right, remove the others' and start all peers again.";
    }

    static string What(Held a, Held b) => a.Record != b.Record
        ? "the verdict chain" : "the weights (damaged memory, or an update that did not round alike)";

    static string Short(Held held) => $"{held.Record.Short}/{held.Weights.Short}";

    static string Names(MemberOptions options, VoterSet members) =>
        string.Join(", ", members.Select(member => options.Names[member]));
}
