using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Whose word counts when a view is decided, and how few are enough.</summary>
public sealed class VoteTests
{
    [Fact]
    public void Who_is_behind_the_present_view_has_no_vote_on_the_next()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[2].Kill();
        harness.Nodes[0].HoldNext();
        harness.Nodes[1].HoldNext();
        foreach (ViewChangeNode node in harness.Nodes)
            node.Wanted = PeerSet.First(2);
        harness.Finish(proposer: 0);
        Assert.Equal(2, harness.Latest.FirstStep);
        harness.Nodes[0].HoldNext();
        harness.Nodes[1].HoldNext();
        harness.Nodes[0].Wanted = harness.Nodes[1].Wanted = PeerSet.First(3);
        harness.Nodes[2].Restart();
        harness.Nodes[0].Tell(2);
        harness.DeliverAll();
        int saves = harness.Nodes[2].Store.Saves;
        harness.Nodes[2].Change.OnMessage(0, FrameKind.Prepare, 3, ViewMessage.Prepare(256));
        Assert.Empty(harness.Sent);
        Assert.Equal(saves, harness.Nodes[2].Store.Saves);
    }

    [Fact]
    public void A_disk_that_was_lost_does_not_answer_for_a_draft_that_names_it()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[0].Propose();
        harness.DeliverAll(message => message.Kind != FrameKind.Synchronize);
        harness.Nodes[2].Wipe();
        harness.Nodes[0].Tell(2);
        harness.DeliverAll(message => message.Kind == FrameKind.Decided);
        Assert.Equal(1, harness.Nodes[2].Acceptor.View.Number);
        harness.DeliverAll(message => message.Kind == FrameKind.Synchronize);
        Assert.Equal([1], harness.Sent.Where(message => message.Kind == FrameKind.Synchronized).Select(message => message.From));
    }

    [Fact]
    public void A_disk_that_was_lost_answers_for_nothing()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[2].Kill();
        harness.Nodes[1].Kill();
        harness.Nodes[1].Wipe();
        harness.Nodes[1].Wants = true;
        harness.Nodes[0].Tell(1);
        harness.DeliverAll();
        Assert.Equal(1, harness.Nodes[1].Acceptor.View.Number);
        Assert.False(harness.Nodes[1].Acceptor.HasVote);
        harness.Nodes[1].Propose();
        Assert.False(harness.Nodes[1].Change.IsProposing);
        harness.Nodes[0].Propose();
        // Even if it said yes, it is not the one that the view names.
        harness.Sent.Add(new SentViewMessage(1, 0, FrameKind.PreVoteGranted, 2, default));
        harness.DeliverAll();
        Assert.Equal(0, harness.Nodes[0].Frozen);
        harness.Nodes[2].Restart();
        harness.Finish(proposer: 0);
        Assert.Equal((2, PeerSet.First(3)), (harness.Latest.Number, harness.Latest.MemberSet));
        Assert.Equal(2001UL, harness.Latest.DiskIdOf(1));
    }

    [Fact]
    public void The_lower_ranked_of_two_decides_alone_and_the_other_cannot()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(2);
        harness.IsCut = (_, _) => true;
        harness.Nodes[0].Wanted = PeerSet.Of(0);
        harness.Nodes[1].Wanted = PeerSet.Of(1);
        harness.Nodes[1].Propose();
        harness.DeliverAll();
        Assert.Single(harness.Decided);
        harness.Nodes[0].Propose();
        Assert.Equal((2, PeerSet.Of(0)), (harness.Latest.Number, harness.Latest.MemberSet));
    }

    [Fact]
    public void Five_may_shrink_one_by_one_to_one()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(5);
        for (int left = 4; left > 0; left--)
        {
            harness.Nodes[left].Kill();
            foreach (ViewChangeNode node in harness.Nodes)
                node.Wanted = PeerSet.First(left);
            harness.Finish(proposer: left - 1);
            Assert.Equal(PeerSet.First(left), harness.Latest.MemberSet);
            Assert.All(harness.Nodes[..left], node => Assert.Equal(harness.Latest, node.Acceptor.View));
        }
    }
}
