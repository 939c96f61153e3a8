using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.ViewChanges;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>
/// Messages lost, repeated and in any order, competing proposers, processes that die and disks that are lost: at most one view is
/// decided for each number, it begins after every committed step (both checked by the rig), and once all is well a change comes
/// through.
/// </summary>
public sealed class ViewChangeChaosTests
{
    [Property(MaxTest = 1000, Replay = FixedCases.Seed)]
    public void At_most_one_view_follows_another(DoNotSize<int> seed)
    {
        var harness = new ViewChangeHarness(2 + (seed.Item & 3), 2 + (seed.Item >> 2 & 3), seed.Item);
        Random random = harness.Random;
        int deaths = random.Next(40), repeats = random.Next(20), losses = random.Next(20), wipes = random.Next(4) == 0 ? 4 : 0;
        int[] last = [.. harness.Nodes.Select(_ => 1)];
        for (int at = 0; at < 600; at++)
        {
            Act(harness, deaths, repeats, losses, wipes);
            foreach (ViewChangeNode node in harness.Nodes)
            {
                int number = node.Acceptor.View.Number;
                Assert.True(number == 0 || harness.Decided[number].Equals(node.Acceptor.View));
                Assert.True(number >= last[node.Index] || wipes > 0);
                last[node.Index] = number;
            }
        }
        Heal(harness);
    }

    static void Act(ViewChangeHarness harness, int deaths, int repeats, int losses, int wipes)
    {
        Random random = harness.Random;
        ViewChangeNode node = harness.Nodes[random.Next(harness.Nodes.Length)];
        int chance = random.Next(1000);
        if (chance < 500)
        {
            if (harness.Sent.Count == 0)
                return;
            int at = random.Next(2) == 0 ? 0 : random.Next(harness.Sent.Count);
            if (random.Next(100) < losses)
                harness.Sent.RemoveAt(at);
            else
                harness.Deliver(at, keep: random.Next(100) < repeats);
        }
        else if (chance < 700)
            node.HoldNext();
        else if (chance < 780)
            (node.Wants, node.Wanted) = (random.Next(4) > 0, SomeOf(harness));
        else if (chance < 860)
            node.Propose();
        else if (chance < 900)
            harness.Pass(ViewChangeHarness.Timeout * random.NextDouble());
        else if (chance < 940)
            node.Fetch();
        else if (chance < 950)
            node.FetchPresent();
        else if (chance < 950 + deaths && !node.IsDown)
            node.Kill();
        else if (node.IsDown)
            node.Restart();
        else if (chance >= 1000 - wipes && node.Index > 0) // who all have lost everything begin anew, as they should
            node.Wipe();
        else
            node.Tell(random.Next(harness.Nodes.Length));
    }

    static PeerSet SomeOf(ViewChangeHarness harness)
    {
        var some = default(PeerSet);
        foreach (ViewChangeNode node in harness.Nodes)
            some = !node.IsDown && harness.Random.Next(4) > 0 ? some.With(node.Index) : some;
        return some;
    }

    static void Heal(ViewChangeHarness harness)
    {
        foreach (ViewChangeNode node in harness.Nodes)
        {
            if (node.IsDown)
                node.Restart();
            (node.Wants, node.Wanted) = (true, PeerSet.First(harness.Nodes.Length));
        }
        int before = harness.Latest.Number;
        PeerSet all = PeerSet.First(harness.Nodes.Length);
        for (int round = 0; round < 60 && !(harness.Latest.Number > before && harness.Latest.MemberSet == all); round++)
        {
            View latest = harness.Nodes.Select(node => node.Acceptor.View).MaxBy(view => view.Number)!;
            int[] intact =
                [.. latest.Members.Where(member => harness.Nodes[member].Acceptor.State.DiskId == latest.DiskIdOf(member))];
            if (!latest.IsQuorum(PeerSet.Of(intact)))
                return; // too many disks were lost, and perhaps the word of a decision with them; only a person can go on
            foreach (ViewChangeNode node in harness.Nodes)
            {
                for (int peer = 0; peer < harness.Nodes.Length; peer++)
                    node.Tell(peer);
            }
            harness.DeliverAll();
            foreach (ViewChangeNode node in harness.Nodes)
                node.FetchPresent();
            harness.Nodes[latest.Members[round % latest.Count]].Propose();
            for (int again = 0; again < 3; again++)
            {
                harness.DeliverAll();
                foreach (ViewChangeNode node in harness.Nodes)
                    node.Fetch();
            }
            harness.Pass(3 * ViewChangeHarness.Timeout);
            harness.DeliverAll();
        }
        Assert.True(harness.Latest.Number > before, $"view {harness.Latest.Name} did not change any more" + harness.Describe());
        Assert.Equal(all, harness.Latest.MemberSet);
    }
}
