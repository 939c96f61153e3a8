using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Views;

/// <summary>How the members of a view agree on the next, message by message.</summary>
public sealed class ViewChangeTests
{
    static readonly TimeSpan Long = 3 * ViewChangeRig.Timeout;

    [Fact]
    public void A_quorum_decides_and_all_hear_of_it()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[1].Propose();
        Assert.Equal([FrameKind.PreVote, FrameKind.PreVote], rig.Sent.Select(message => message.Kind));
        rig.DeliverAll();
        Assert.Equal(2, rig.Latest.Number);
        Assert.All(rig.Nodes, node => Assert.Equal(rig.Latest, node.Acceptor.View));
        Assert.All(rig.Nodes, node => Assert.False(node.Acceptor.Frozen));
        Assert.All(rig.Nodes, node => Assert.False(node.Change.IsProposing));
    }

    [Fact]
    public void Where_no_quorum_thinks_that_a_change_is_needed_nothing_is_promised()
    {
        var rig = new ViewChangeRig(3);
        rig.Nodes[0].Wants = true;
        int saves = rig.Nodes.Sum(node => node.Store.Saves);
        rig.Nodes[0].Propose();
        rig.DeliverAll();
        Assert.True(rig.Nodes[0].Change.IsProposing);
        rig.Pass(Long);
        Assert.False(rig.Nodes[0].Change.IsProposing);
        Assert.Equal(saves, rig.Nodes.Sum(node => node.Store.Saves));
        Assert.All(rig.Nodes, node => Assert.Equal(0, node.Frozen));
        Assert.Single(rig.Decided);
    }

    [Fact]
    public void A_proposer_asks_again_for_what_was_lost_and_stops_when_the_change_is_not_needed_any_more()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[0].Propose();
        rig.Sent.Clear();
        rig.Pass(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, rig.Sent.Count);
        rig.Nodes[0].Wants = false;
        rig.Pass(TimeSpan.FromMilliseconds(50));
        Assert.False(rig.Nodes[0].Change.IsProposing);
        Assert.Equal(2, rig.Sent.Count);
    }

    [Fact]
    public void A_promise_of_a_view_for_another_decision_does_not_count()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        ViewChange proposer = rig.Nodes[1].Change;
        rig.Nodes[1].Propose();
        proposer.OnMessage(0, FrameKind.PreVoted, 2, default);
        OnTheWay prepare = rig.Sent.Last(message => message.Kind == FrameKind.Prepare);
        var forged = new ViewMessage(prepare.Message.Round, prepare.Message.Round - 1, 0, default, 0, new View(9, [0], [1], 1));
        Assert.False(proposer.OnMessage(0, FrameKind.Promise, 2, forged));
        Assert.DoesNotContain(rig.Sent, message => message.Message.View?.Number == 9);
        rig.DeliverAll();
        Assert.Equal(2, rig.Latest.Number);
    }

    [Theory]
    [InlineData(FrameKind.PreVote)]
    [InlineData(FrameKind.PreVoted)]
    [InlineData(FrameKind.Prepare)]
    [InlineData(FrameKind.Promise)]
    [InlineData(FrameKind.CatchUp)]
    [InlineData(FrameKind.CaughtUp)]
    [InlineData(FrameKind.Accept)]
    [InlineData(FrameKind.Accepted)]
    [InlineData(FrameKind.Decided)]
    public void When_the_proposer_dies_another_brings_it_to_an_end(FrameKind last)
    {
        // Everything up to this kind arrives, then the proposer, the lowest rank, is gone with all that is still on its way.
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[0].Propose();
        FrameKind[] order = [FrameKind.PreVote, FrameKind.PreVoted, FrameKind.Prepare, FrameKind.Promise, FrameKind.CatchUp, FrameKind.CaughtUp,
            FrameKind.Accept, FrameKind.Accepted, FrameKind.Decided];
        rig.DeliverAll(message => Array.IndexOf(order, message.Kind) <= Array.IndexOf(order, last)
            && (message.Kind != FrameKind.Decided || message.To == 1));
        View? accepted = rig.Nodes[1].Acceptor.State.Accepted, decided = rig.Decided.GetValueOrDefault(2);
        rig.Nodes[0].Kill();
        rig.Sent.Clear();
        foreach (ViewChangeNode node in rig.Nodes)
            node.Wanted = VoterSet.Of(1, 2);
        rig.Finish(proposer: 2);
        Assert.True(rig.Latest.Number >= 2);
        if (accepted is not null)
            Assert.Equal(accepted, rig.Decided[2]);
        if (decided is not null)
            Assert.Equal(decided, rig.Decided[2]);
        Assert.Equal(rig.Latest, rig.Nodes[2].Acceptor.View);
    }

    [Fact]
    public void What_one_acceptor_accepted_a_later_proposer_takes_up()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[0].Propose();
        rig.DeliverAll(message => message.Kind < FrameKind.Accept || message.Kind is FrameKind.CatchUp or FrameKind.CaughtUp);
        rig.DeliverAll(message => message is { Kind: FrameKind.Accept, To: 1 });
        rig.Sent.Clear(); // its answer is lost
        View accepted = rig.Nodes[1].Acceptor.State.Accepted!;
        Assert.NotNull(accepted);
        rig.Nodes[0].Kill();
        rig.Nodes[2].Wanted = VoterSet.Of(2);
        rig.Finish(proposer: 2);
        Assert.Equal(accepted, rig.Decided[2]);
    }

    [Fact]
    public void Of_two_proposers_the_lower_round_gives_way()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[0].Propose();
        rig.Nodes[2].Propose();
        rig.DeliverAll();
        Assert.Equal(2, rig.Latest.Number);
        Assert.All(rig.Nodes, node => Assert.Equal(rig.Latest, node.Acceptor.View));
    }

    [Fact]
    public void Who_was_rejected_tries_again_above_the_round_that_was_promised()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[2].Propose();
        rig.DeliverAll(message => message.Kind is FrameKind.PreVote or FrameKind.PreVoted);
        long high = rig.Nodes[2].Acceptor.State.Promised;
        rig.DeliverAll(message => message is { Kind: FrameKind.Prepare, To: 1 });
        rig.Sent.Clear();
        rig.Nodes[2].Kill();
        rig.Nodes[0].Wanted = VoterSet.Of(0, 1);
        rig.Nodes[0].Propose();
        rig.DeliverAll();
        Assert.False(rig.Nodes[0].Change.IsProposing); // 1 had promised the higher round
        Assert.Single(rig.Decided);
        rig.Nodes[0].Propose();
        rig.DeliverAll();
        Assert.Equal(2, rig.Latest.Number);
        Assert.True(high > 0);
    }

    [Fact]
    public void A_promise_is_kept_across_a_restart()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[2].Propose();
        rig.DeliverAll(message => message.Kind != FrameKind.Promise);
        long round = rig.Nodes[1].Acceptor.State.Promised;
        rig.Sent.Clear();
        rig.Nodes[1].Kill();
        rig.Nodes[1].Restart();
        rig.Nodes[1].Change.OnMessage(0, FrameKind.Prepare, 2, new ViewMessage(round - 1, 0, 0, default, 0, null));
        OnTheWay answer = Assert.Single(rig.Sent);
        Assert.Equal((FrameKind.Rejected, round), (answer.Kind, answer.Message.Round));
        Assert.True(rig.Nodes[1].Acceptor.Frozen);
    }

    [Fact]
    public void Messages_of_another_decision_are_ignored()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        foreach (int number in (int[])[0, 1, 3, int.MaxValue])
        {
            for (FrameKind kind = FrameKind.PreVote; kind <= FrameKind.CaughtUp; kind++)
                Assert.False(rig.Nodes[1].Change.OnMessage(0, kind, number, new ViewMessage(256, 0, 0, default, 0, rig.First)));
        }
        Assert.Equal(rig.First, rig.Nodes[1].Acceptor.View);
        // Nor do answers that nobody asked for, or a view whose number is not the message's.
        Assert.False(rig.Nodes[1].Change.OnMessage(0, FrameKind.Promise, 2, new ViewMessage(256, 0, 0, default, 0, null)));
        Assert.False(rig.Nodes[1].Change.OnMessage(0, FrameKind.Accepted, 2, new ViewMessage(256, 0, 0, default, 0, null)));
        Assert.False(rig.Nodes[1].Change.OnMessage(0, FrameKind.Accept, 2, new ViewMessage(256, 0, 0, default, 0, rig.First)));
        Assert.Empty(rig.Sent);
        Assert.All(rig.Nodes, node => Assert.Equal(0, node.Store.Saves));
    }

    [Fact]
    public void A_joiner_that_does_not_catch_up_is_left_out()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3, peers: 5);
        foreach (ViewChangeNode node in rig.Nodes[..3])
            Assert.True(node.HoldNext());
        rig.IsCut = (_, to) => to == 4;
        rig.Nodes[0].Propose();
        rig.DeliverAll();
        Assert.Equal(2, rig.Nodes[3].Missing?.Number);
        rig.Nodes[3].Fetch();
        rig.DeliverAll();
        Assert.Single(rig.Decided); // 4 is still waited for
        rig.Pass(Long);
        rig.DeliverAll();
        Assert.Equal(VoterSet.First(4), rig.Latest.Set);
        Assert.Equal(2, rig.Latest.FirstStep);
        Assert.Single(rig.Nodes[3].Journal);
    }

    [Fact]
    public void The_first_step_is_the_one_after_the_highest_that_is_held_and_who_lacks_it_fetches_it_first()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        foreach (int node in (int[])[0, 1, 2])
            rig.Nodes[node].HoldNext();
        Assert.Equal(1, rig.Committed);
        rig.Nodes[2].HoldNext(); // not committed, but 2 is asked
        rig.Nodes[0].Propose();
        rig.DeliverAll(message => message is not { Kind: FrameKind.Promise, From: 1 });
        Assert.Equal(2, rig.Nodes[1].Missing?.Number);
        Assert.Single(rig.Nodes[1].Journal);
        rig.Nodes[0].Fetch();
        rig.Nodes[1].Fetch();
        rig.DeliverAll();
        Assert.Equal(3, rig.Latest.FirstStep);
        Assert.All(rig.Nodes, node => Assert.Equal([1, 1], node.Journal));
    }

    [Fact]
    public void Nothing_is_answered_when_it_cannot_be_written()
    {
        ViewChangeRig rig = ViewChangeRig.Wanting(3);
        rig.Nodes[1].Store.IsFull = true;
        Assert.Throws<IOException>(() => rig.Nodes[1].Change.OnMessage(0, FrameKind.Prepare, 2, new ViewMessage(256, 0, 0, default, 0, null)));
        View next = new(2, [0, 1], new ulong[2], 1, [1, 2]) { Base = rig.First.Base };
        Assert.Throws<IOException>(() => rig.Nodes[1].Change.OnMessage(0, FrameKind.Accept, 2, new ViewMessage(256, 0, 0, default, 0, next)));
        Assert.Empty(rig.Sent);
        Assert.Equal(0, rig.Nodes[1].Frozen);
    }
}
