using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Starts with another roster than the one that a peer's last view was of.</summary>
public sealed class RosterChangeTests
{
    static readonly string[] before = ["a", "b", "c", "d"];

    static byte[] StateOf(params int[] members) => new AcceptorState(100, ViewOf(members), 0, 0, null).Encode();

    static View ViewOf(params int[] members) => new(3, members, [.. members.Select(member => 10 + (ulong)member)], 46,
        [.. members.Select(member => 100 + (ulong)member)]);

    static RosterChange Of(byte[]? state, params string[] now) => RosterChange.Of(state, before, now, 133, 133, false);

    [Fact]
    public void The_same_roster_changes_nothing()
    {
        byte[] state = StateOf(2);
        Assert.Equal(new RosterChange(state, null, null), Of(state, before));
        Assert.Equal(new RosterChange(null, null, null), Of(null, "a", "b"));
    }

    [Fact]
    public void A_member_of_the_last_view_that_may_be_ahead_is_not_passed_over()
    {
        RosterChange change = Of(StateOf(2), "a", "b", "d");
        Assert.Null(change.State);
        Assert.Equal("peers.json lacks c, a member of view 3 (c), which may hold steps after 133, this peer's last. Either put "
            + "the entries a, b, c, in this order, back into peers.json, start the peers, stop them together, and then change "
            + "the file. Or start the one host whose steps are to be kept with --force-new-ring; steps that the others made "
            + "after its last one are lost", change.Refusal);
        Assert.Null(RosterChange.Of(StateOf(2), before, ["a", "b"], 133, 133, isForced: true).Refusal);
    }

    [Theory]
    [InlineData(new[] { 1, 2 }, true)] // b alone is a quorum of b and c
    [InlineData(new[] { 2, 3 }, false)]
    [InlineData(new[] { 0, 1, 2 }, true)]
    [InlineData(new[] { 1, 2, 0, 3 }, true)]
    public void Those_left_of_the_last_view_must_be_a_quorum_of_it(int[] members, bool isAllowed)
    {
        RosterChange change = Of(StateOf(members), "a", "b", "d");
        Assert.Equal(isAllowed, change.Refusal is null);
        Assert.Equal(isAllowed, change.Note?.Contains("the run continues from their newest checkpoint") == true);
        Assert.Null(change.State);
    }

    [Fact]
    public void Steps_that_are_in_no_checkpoint_are_not_dropped() =>
        Assert.Contains("steps 101 to 133 are in no checkpoint here: they would be lost",
            RosterChange.Of(StateOf(0, 1, 2), before, ["a", "b"], 133, 100, false).Refusal);

    [Fact]
    public void Who_left_before_the_last_view_may_go_and_others_may_come()
    {
        RosterChange change = Of(StateOf(3, 1), "new", "b", "d");
        Assert.Equal((null, null), (change.Note, change.Refusal));
        AcceptorState state = AcceptorState.TryDecode(change.State, 3)!;
        Assert.Equal((100UL, new View(3, [2, 1], [13, 11], 46, [103, 101])), (state.DiskId, state.View));
    }

    [Fact]
    public void Another_order_of_the_members_is_refused()
    {
        Assert.Contains("in another order", Of(StateOf(0, 1), "b", "a", "c", "d").Refusal);
        Assert.Null(Of(StateOf(0, 1), "d", "c", "a", "b").Refusal);
    }

    [Fact]
    public void A_change_of_members_that_was_under_way_is_to_be_finished_first() => Assert.Contains("was under way",
        Of(new AcceptorState(100, ViewOf(0, 1), 256, 256, new View(4, [0], [10], 50)).Encode(), "a", "b").Refusal);

    [Fact]
    public void A_roster_that_got_shorter_is_noticed_where_the_old_ids_are_not_known() =>
        Assert.Contains("peers.json lacks peer number 3",
            RosterChange.Of(StateOf(2), null, ["a", "b"], 133, 133, false).Refusal);
}
