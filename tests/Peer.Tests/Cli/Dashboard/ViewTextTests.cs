using DecentralizedLion.Peer.Cli.Dashboard.History;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

/// <summary>Tests of the members that are read from the texts of events, those of earlier versions included.</summary>
public sealed class ViewTextTests
{
    [Theory]
    [InlineData("founded", "view 1: members are b → a → c; the run begins at step 1", "b a c")]
    [InlineData("founded", "view 1.1: members are c; a new ring was forced and continues at step 46", "c")]
    [InlineData("view-changed", "view 2: members are now b → a; training continues at step 11", "b a")]
    [InlineData("regrouped", "view 3: members are now east-1; training continues at step 11", "east-1")]
    [InlineData("regrouped", "view 4: all leave after step 80", null)]
    [InlineData("founded", "view 1: b → a → c take part; the first step here is 1", "b a c")]
    [InlineData("regrouped", "view 3: b → a go on from step 7", "b a")]
    [InlineData("view-changed", "view 2.1: b → a from step 11", "b a")]
    [InlineData("waiting", "view 2: members are now b → a; training continues at step 11", null)]
    public void The_members_of_a_view_are_read_from_old_and_new_texts(string what, string text, string? members) =>
        Assert.Equal(members?.Split(' '), ViewText.MembersOf(new RunEvent { What = what, Tellers = [], Text = text, Step = 0 }));
}
