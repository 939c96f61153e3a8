using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Tests of the members' agreement on the next view, message by message.</summary>
public sealed class ViewChangeTests
{
    static readonly TimeSpan Long = 3 * ViewChangeHarness.Timeout;

    [Fact]
    public void A_quorum_decides_and_all_hear_of_it()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[1].Propose();
        Assert.Equal([FrameKind.PreVote, FrameKind.PreVote], harness.Sent.Select(message => message.Kind));
        harness.DeliverAll();
        Assert.Equal(2, harness.Latest.Number);
        Assert.All(harness.Nodes, node => Assert.Equal(harness.Latest, node.Acceptor.View));
        Assert.All(harness.Nodes, node => Assert.False(node.Acceptor.HasPromised));
        Assert.All(harness.Nodes, node => Assert.False(node.Change.IsProposing));
    }

    [Fact]
    public void Where_no_quorum_thinks_that_a_change_is_needed_nothing_is_promised()
    {
        var harness = new ViewChangeHarness(3);
        harness.Nodes[0].Wants = true;
        int saves = harness.Nodes.Sum(node => node.Store.Saves);
        harness.Nodes[0].Propose();
        harness.DeliverAll();
        Assert.True(harness.Nodes[0].Change.IsProposing);
        harness.Pass(Long);
        Assert.False(harness.Nodes[0].Change.IsProposing);
        Assert.Equal(saves, harness.Nodes.Sum(node => node.Store.Saves));
        Assert.All(harness.Nodes, node => Assert.Equal(0, node.Frozen));
        Assert.Single(harness.Decided);
    }

    [Fact]
    public void A_proposer_asks_again_for_what_was_lost_and_stops_when_the_change_is_not_needed_any_more()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[0].Propose();
        harness.Sent.Clear();
        harness.Pass(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, harness.Sent.Count);
        harness.Nodes[0].Wants = false;
        harness.Pass(TimeSpan.FromMilliseconds(50));
        Assert.False(harness.Nodes[0].Change.IsProposing);
        Assert.Equal(2, harness.Sent.Count);
    }

    [Fact]
    public void Over_a_slow_link_a_proposer_does_not_ask_again_for_what_is_on_its_way()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Interval = TimeSpan.FromMilliseconds(400);
        harness.Nodes[0].Propose();
        harness.Sent.Clear();
        for (int tick = 0; tick < 7; tick++)
            harness.Pass(TimeSpan.FromMilliseconds(50));
        Assert.Empty(harness.Sent);
        harness.Pass(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, harness.Sent.Count);
    }

    [Fact]
    public void Over_a_slow_link_nobody_proposes_beside_another_until_that_one_falls_silent()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Interval = TimeSpan.FromMilliseconds(200);
        harness.Nodes[1].Propose();
        harness.Nodes[0].Propose();
        harness.DeliverAll(message => message.To == 0 || message.Kind == FrameKind.PreVote);
        Assert.False(harness.Nodes[1].Change.IsOtherProposing);
        harness.DeliverAll(message => message.Kind == FrameKind.Prepare); // of p0
        Assert.True(harness.Nodes[1].Change.IsOtherProposing);
        harness.DeliverAll(message => message.Kind == FrameKind.PreVoteGranted);
        Assert.False(harness.Nodes[1].Change.IsProposing);
        harness.Nodes[0].Kill();
        harness.Sent.Clear();
        harness.Pass(2 * harness.Interval);
        Assert.False(harness.Nodes[1].Change.IsOtherProposing);
        harness.Nodes[1].Propose();
        harness.DeliverAll();
        Assert.True(harness.Nodes[1].Change.IsProposing); // its draft has p0 in it
        Assert.Contains(1, harness.Nodes.Where(node => node.Acceptor.State.Promised % 256 == 1).Select(node => node.Index));
    }

    [Fact]
    public void A_promise_of_a_view_for_another_decision_does_not_count()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        ViewChange proposer = harness.Nodes[1].Change;
        harness.Nodes[1].Propose();
        proposer.OnMessage(0, FrameKind.PreVoteGranted, 2, default);
        SentViewMessage prepare = harness.Sent.Last(message => message.Kind == FrameKind.Prepare);
        var forged = ViewMessage.Promise(prepare.Message.Round, default, prepare.Message.Round - 1, new View(9, [0], [1], 1));
        Assert.False(proposer.OnMessage(0, FrameKind.Promise, 2, forged));
        Assert.DoesNotContain(harness.Sent, message => message.Message.View?.Number == 9);
        harness.DeliverAll();
        Assert.Equal(2, harness.Latest.Number);
    }

    [Theory]
    [InlineData(FrameKind.PreVote)]
    [InlineData(FrameKind.PreVoteGranted)]
    [InlineData(FrameKind.Prepare)]
    [InlineData(FrameKind.Promise)]
    [InlineData(FrameKind.Synchronize)]
    [InlineData(FrameKind.Synchronized)]
    [InlineData(FrameKind.Accept)]
    [InlineData(FrameKind.Accepted)]
    [InlineData(FrameKind.Decided)]
    internal void When_the_proposer_dies_another_brings_it_to_an_end(FrameKind last)
    {
        // Everything up to this kind arrives, then the proposer, the lowest rank, is gone with all that is still on its way.
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[0].Propose();
        FrameKind[] order = [FrameKind.PreVote, FrameKind.PreVoteGranted, FrameKind.Prepare, FrameKind.Promise,
            FrameKind.Synchronize, FrameKind.Synchronized, FrameKind.Accept, FrameKind.Accepted, FrameKind.Decided];
        harness.DeliverAll(message => Array.IndexOf(order, message.Kind) <= Array.IndexOf(order, last)
            && (message.Kind != FrameKind.Decided || message.To == 1));
        View? accepted = harness.Nodes[1].Acceptor.State.Accepted, decided = harness.Decided.GetValueOrDefault(2);
        harness.Nodes[0].Kill();
        harness.Sent.Clear();
        foreach (ViewChangeNode node in harness.Nodes)
            node.Wanted = PeerSet.Of(1, 2);
        harness.Finish(proposer: 2);
        Assert.True(harness.Latest.Number >= 2);
        if (accepted is not null)
            Assert.Equal(accepted, harness.Decided[2]);
        if (decided is not null)
            Assert.Equal(decided, harness.Decided[2]);
        Assert.Equal(harness.Latest, harness.Nodes[2].Acceptor.View);
    }

    [Fact]
    public void What_one_acceptor_accepted_a_later_proposer_takes_up()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[0].Propose();
        harness.DeliverAll(message => message.Kind < FrameKind.Accept
            || message.Kind is FrameKind.Synchronize or FrameKind.Synchronized);
        harness.DeliverAll(message => message is { Kind: FrameKind.Accept, To: 1 });
        harness.Sent.Clear(); // its answer is lost
        View accepted = harness.Nodes[1].Acceptor.State.Accepted!;
        Assert.NotNull(accepted);
        harness.Nodes[0].Kill();
        harness.Nodes[2].Wanted = PeerSet.Of(2);
        harness.Finish(proposer: 2);
        Assert.Equal(accepted, harness.Decided[2]);
    }

    [Fact]
    public void Of_two_proposers_the_lower_round_gives_way()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[0].Propose();
        harness.Nodes[2].Propose();
        harness.DeliverAll();
        Assert.Equal(2, harness.Latest.Number);
        Assert.All(harness.Nodes, node => Assert.Equal(harness.Latest, node.Acceptor.View));
    }

    [Fact]
    public void Who_was_rejected_tries_again_above_the_round_that_was_promised()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[2].Propose();
        harness.DeliverAll(message => message.Kind is FrameKind.PreVote or FrameKind.PreVoteGranted);
        long high = harness.Nodes[2].Acceptor.State.Promised;
        harness.DeliverAll(message => message is { Kind: FrameKind.Prepare, To: 1 });
        harness.Sent.Clear();
        harness.Nodes[2].Kill();
        harness.Nodes[0].Wanted = PeerSet.Of(0, 1);
        harness.Nodes[0].Propose();
        harness.DeliverAll();
        Assert.False(harness.Nodes[0].Change.IsProposing); // 1 had promised the higher round
        Assert.Single(harness.Decided);
        harness.Nodes[0].Propose();
        harness.DeliverAll();
        Assert.Equal(2, harness.Latest.Number);
        Assert.True(high > 0);
    }

    [Fact]
    public void A_promise_is_kept_across_a_restart()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[2].Propose();
        harness.DeliverAll(message => message.Kind != FrameKind.Promise);
        long round = harness.Nodes[1].Acceptor.State.Promised;
        harness.Sent.Clear();
        harness.Nodes[1].Kill();
        harness.Nodes[1].Restart();
        harness.Nodes[1].Change.OnMessage(0, FrameKind.Prepare, 2, ViewMessage.Prepare(round - 1));
        SentViewMessage answer = Assert.Single(harness.Sent);
        Assert.Equal((FrameKind.Rejected, round), (answer.Kind, answer.Message.Round));
        Assert.True(harness.Nodes[1].Acceptor.HasPromised);
    }

    [Fact]
    public void Messages_of_another_decision_are_ignored()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        foreach (int number in (int[])[0, 1, 3, int.MaxValue])
        {
            for (FrameKind kind = FrameKind.PreVote; kind <= FrameKind.Synchronized; kind++)
                Assert.False(harness.Nodes[1].Change.OnMessage(0, kind, number,
                    ViewMessage.Accept(256, harness.First, holder: 0)));
        }
        Assert.Equal(harness.First, harness.Nodes[1].Acceptor.View);
        // Nor do answers that nobody asked for, or a view whose number is not the message's.
        Assert.False(harness.Nodes[1].Change.OnMessage(0, FrameKind.Promise, 2, ViewMessage.Promise(256, default)));
        Assert.False(harness.Nodes[1].Change.OnMessage(0, FrameKind.Accepted, 2, ViewMessage.Accepted(256)));
        Assert.False(harness.Nodes[1].Change.OnMessage(0, FrameKind.Accept, 2,
            ViewMessage.Accept(256, harness.First, holder: 0)));
        Assert.Empty(harness.Sent);
        Assert.All(harness.Nodes, node => Assert.Equal(0, node.Store.Saves));
    }

    [Fact]
    public void A_joiner_that_does_not_catch_up_is_left_out()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3, peers: 5);
        foreach (ViewChangeNode node in harness.Nodes[..3])
            Assert.True(node.HoldNext());
        harness.IsCut = (_, to) => to == 4;
        harness.Nodes[0].Propose();
        harness.DeliverAll();
        Assert.Equal(2, harness.Nodes[3].Missing?.Number);
        harness.Nodes[3].Fetch();
        harness.DeliverAll();
        Assert.Single(harness.Decided); // 4 is still waited for
        harness.Pass(Long);
        harness.DeliverAll();
        Assert.Equal(PeerSet.First(4), harness.Latest.MemberSet);
        Assert.Equal(2, harness.Latest.FirstStep);
        Assert.Single(harness.Nodes[3].Journal);
    }

    [Fact]
    public void The_first_step_is_the_one_after_the_highest_that_is_held_and_who_lacks_it_fetches_it_first()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        foreach (int node in (int[])[0, 1, 2])
            harness.Nodes[node].HoldNext();
        Assert.Equal(1, harness.Committed);
        harness.Nodes[2].HoldNext(); // not committed, but 2 is asked
        harness.Nodes[0].Propose();
        harness.DeliverAll(message => message is not { Kind: FrameKind.Promise, From: 1 });
        Assert.Equal(2, harness.Nodes[1].Missing?.Number);
        Assert.Single(harness.Nodes[1].Journal);
        harness.Nodes[0].Fetch();
        harness.Nodes[1].Fetch();
        harness.DeliverAll();
        Assert.Equal(3, harness.Latest.FirstStep);
        Assert.All(harness.Nodes, node => Assert.Equal([1, 1], node.Journal));
    }

    [Fact]
    public void Nothing_is_answered_when_it_cannot_be_written()
    {
        ViewChangeHarness harness = ViewChangeHarness.Wanting(3);
        harness.Nodes[1].Store.IsFull = true;
        Assert.Throws<IOException>(() =>
            harness.Nodes[1].Change.OnMessage(0, FrameKind.Prepare, 2, ViewMessage.Prepare(256)));
        View next = new(2, [0, 1], new ulong[2], 1, [1, 2]) { BaseDigest = harness.First.BaseDigest };
        Assert.Throws<IOException>(() =>
            harness.Nodes[1].Change.OnMessage(0, FrameKind.Accept, 2, ViewMessage.Accept(256, next, holder: 0)));
        Assert.Empty(harness.Sent);
        Assert.Equal(0, harness.Nodes[1].Frozen);
    }
}
