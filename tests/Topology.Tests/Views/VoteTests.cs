using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Views;

/// <summary>Whose word counts when a view is decided, and how few are enough.</summary>
public sealed class VoteTests
{
    [Fact]
    public void Who_is_behind_the_present_view_has_no_vote_on_the_next()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[2].Kill();
        rig.Nodes[0].HoldNext();
        rig.Nodes[1].HoldNext();
        foreach (ViewChangeNode node in rig.Nodes)
            node.Wanted = VoterSet.First(2);
        rig.Finish(proposer: 0);
        Assert.Equal(2, rig.Latest.FirstStep);
        rig.Nodes[0].HoldNext();
        rig.Nodes[1].HoldNext();
        rig.Nodes[0].Wanted = rig.Nodes[1].Wanted = VoterSet.First(3);
        rig.Nodes[2].Restart();
        rig.Nodes[0].Tell(2);
        rig.DeliverAll();
        int saves = rig.Nodes[2].Store.Saves;
        rig.Nodes[2].Change.OnMessage(0, FrameKind.Prepare, 3, new ViewMessage(256, 0, 0, default, 0, null));
        Assert.Empty(rig.Sent);
        Assert.Equal(saves, rig.Nodes[2].Store.Saves);
    }

    [Fact]
    public void A_disk_that_was_lost_answers_for_nothing()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[2].Kill();
        rig.Nodes[1].Kill();
        rig.Nodes[1].Wipe();
        rig.Nodes[1].Wants = true;
        rig.Nodes[0].Tell(1);
        rig.DeliverAll();
        Assert.Equal(1, rig.Nodes[1].Acceptor.View.Number);
        Assert.False(rig.Nodes[1].Acceptor.HasVote);
        rig.Nodes[1].Propose();
        Assert.False(rig.Nodes[1].Change.IsProposing);
        rig.Nodes[0].Propose();
        // Even if it said yes, it is not the one that the view names.
        rig.Sent.Add(new OnTheWay(1, 0, FrameKind.PreVoted, 2, default));
        rig.DeliverAll();
        Assert.Equal(0, rig.Nodes[0].Frozen);
        rig.Nodes[2].Restart();
        rig.Finish(proposer: 0);
        Assert.Equal((2, VoterSet.First(3)), (rig.Latest.Number, rig.Latest.Set));
        Assert.Equal(2001UL, rig.Latest.IncarnationOf(1));
    }

    [Fact]
    public void The_lower_ranked_of_two_decides_alone_and_the_other_cannot()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(2);
        rig.IsCut = (_, _) => true;
        rig.Nodes[0].Wanted = VoterSet.Of(0);
        rig.Nodes[1].Wanted = VoterSet.Of(1);
        rig.Nodes[1].Propose();
        rig.DeliverAll();
        Assert.Single(rig.Decided);
        rig.Nodes[0].Propose();
        Assert.Equal((2, VoterSet.Of(0)), (rig.Latest.Number, rig.Latest.Set));
    }

    [Fact]
    public void Five_may_shrink_one_by_one_to_one()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(5);
        for (int left = 4; left > 0; left--)
        {
            rig.Nodes[left].Kill();
            foreach (ViewChangeNode node in rig.Nodes)
                node.Wanted = VoterSet.First(left);
            rig.Finish(proposer: left - 1);
            Assert.Equal(VoterSet.First(left), rig.Latest.Set);
            Assert.All(rig.Nodes[..left], node => Assert.Equal(rig.Latest, node.Acceptor.View));
        }
    }
}
