using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Views;

/// <summary>
/// Messages lost, repeated and in any order, competing proposers, processes that die and disks that are lost: at most one view is
/// decided for each number, it begins after every committed step (both checked by the rig), and once all is well a change comes through.
/// </summary>
public sealed class ViewChangeChaosTests
{
    [Property(MaxTest = 1000, Replay = FixedCases.Seed)]
    public void At_most_one_view_follows_another(DoNotSize<int> seed)
    {
        var rig = new ViewChangeRig(2 + (seed.Item & 3), 2 + (seed.Item >> 2 & 3), seed.Item);
        Random random = rig.Random;
        int deaths = random.Next(40), repeats = random.Next(20), losses = random.Next(20), wipes = random.Next(4) == 0 ? 4 : 0;
        int[] last = [.. rig.Nodes.Select(_ => 1)];
        for (int at = 0; at < 600; at++)
        {
            Act(rig, deaths, repeats, losses, wipes);
            foreach (ViewChangeNode node in rig.Nodes)
            {
                int number = node.Acceptor.View.Number;
                Assert.True(number == 0 || rig.Decided[number].Equals(node.Acceptor.View));
                Assert.True(number >= last[node.Index] || wipes > 0);
                last[node.Index] = number;
            }
        }
        Heal(rig);
    }

    static void Act(ViewChangeRig rig, int deaths, int repeats, int losses, int wipes)
    {
        Random random = rig.Random;
        ViewChangeNode node = rig.Nodes[random.Next(rig.Nodes.Length)];
        int chance = random.Next(1000);
        if (chance < 500)
        {
            if (rig.Sent.Count == 0)
                return;
            int at = random.Next(2) == 0 ? 0 : random.Next(rig.Sent.Count);
            if (random.Next(100) < losses)
                rig.Sent.RemoveAt(at);
            else
                rig.Deliver(at, keep: random.Next(100) < repeats);
        }
        else if (chance < 700)
            node.HoldNext();
        else if (chance < 780)
            (node.Wants, node.Wanted) = (random.Next(4) > 0, SomeOf(rig));
        else if (chance < 860)
            node.Propose();
        else if (chance < 900)
            rig.Pass(ViewChangeRig.Timeout * random.NextDouble());
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
            node.Tell(random.Next(rig.Nodes.Length));
    }

    static VoterSet SomeOf(ViewChangeRig rig)
    {
        var some = default(VoterSet);
        foreach (ViewChangeNode node in rig.Nodes)
            some = !node.IsDown && rig.Random.Next(4) > 0 ? some.With(node.Index) : some;
        return some;
    }

    static void Heal(ViewChangeRig rig)
    {
        foreach (ViewChangeNode node in rig.Nodes)
        {
            if (node.IsDown)
                node.Restart();
            (node.Wants, node.Wanted) = (true, VoterSet.First(rig.Nodes.Length));
        }
        int before = rig.Latest.Number;
        VoterSet all = VoterSet.First(rig.Nodes.Length);
        for (int round = 0; round < 60 && !(rig.Latest.Number > before && rig.Latest.Set == all); round++)
        {
            View latest = rig.Nodes.Select(node => node.Acceptor.View).MaxBy(view => view.Number)!;
            int[] intact = [.. latest.Members.Where(member => rig.Nodes[member].Acceptor.State.Incarnation == latest.IncarnationOf(member))];
            if (!latest.IsQuorum(VoterSet.Of(intact)))
                return; // too many disks were lost, and perhaps the word of a decision with them; only a person can go on
            foreach (ViewChangeNode node in rig.Nodes)
            {
                for (int peer = 0; peer < rig.Nodes.Length; peer++)
                    node.Tell(peer);
            }
            rig.DeliverAll();
            foreach (ViewChangeNode node in rig.Nodes)
                node.FetchPresent();
            rig.Nodes[latest.Members[round % latest.Count]].Propose();
            for (int again = 0; again < 3; again++)
            {
                rig.DeliverAll();
                foreach (ViewChangeNode node in rig.Nodes)
                    node.Fetch();
            }
            rig.Pass(3 * ViewChangeRig.Timeout);
            rig.DeliverAll();
        }
        Assert.True(rig.Latest.Number > before, $"view {rig.Latest.Name} did not change any more" + rig.Describe());
        Assert.Equal(all, rig.Latest.Set);
    }
}
