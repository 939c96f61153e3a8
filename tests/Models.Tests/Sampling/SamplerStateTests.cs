using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Sampling;

public sealed class SamplerStateTests
{
    static readonly SamplerState Some = new(60, [new(12, 8), new(31, 1), new(33, 27)], [0, 1, 12]);

    static SamplerState Read(string cursor, string tail, string members) => SamplerState.Read(name => name switch
    {
        "cursor" => cursor,
        "tail" => tail,
        "members" => members,
        _ => throw new InvalidOperationException($"{name} was asked for"),
    });

    [Fact]
    public void It_is_three_texts()
    {
        Assert.Equal(
            [new("cursor", "60"), new("tail", "12-19,31-31,33-59"), new("members", "0,1,12")], Some.Describe());
        Assert.Equal(Some, Read("60", "12-19,31-31,33-59", "0,1,12"));
        Assert.Equal(new SamplerState(0, [], [3]), Read("0", "", "3"));
        Assert.Equal(new SamplerState(1L << 60, [new(0, 1L << 60)], [255]),
            Read("1152921504606846976", "0-1152921504606846975", "255"));
    }

    [Fact]
    public void Batches_are_a_fourth_where_there_are_any()
    {
        var state = Some with { Batches = [16, 0, 1_000_000] };
        Assert.Equal(new("batches", "16,0,1000000"), state.Describe().Last());
        Assert.NotEqual(Some, state);
        Assert.Equal(state, With("16,0,1000000"));
        Assert.Equal(Some, With(""));
        foreach (var wrong in (string[])["16,0", "16,0,1,1", "16,-1,3", "16,0,1000001", "x", "16,,3", ","])
            Assert.Contains("batches is", Assert.Throws<FormatException>(() => With(wrong)).Message, StringComparison.Ordinal);

        static SamplerState With(string batches) => SamplerState.Read(
            name => name switch { "cursor" => "60", "tail" => "12-19,31-31,33-59", _ => "0,1,12" }, batches);
    }

    [Fact]
    public void Where_each_peer_has_a_cursor_it_is_all_of_them()
    {
        var own = new SamplerState([60, 0, 1L << 60], [], [0, 2]);
        Assert.Equal([new("cursor", "60,0,1152921504606846976"), new("tail", ""), new("members", "0,2")], own.Describe());
        Assert.Equal(own, Read("60,0,1152921504606846976", "", "0,2"));
        Assert.NotEqual(own, new SamplerState([60, 1, 1L << 60], [], [0, 2]));
        Assert.NotEqual(own, new SamplerState(60, [], [0, 2]));
        List<long> cursors = [1, 2];
        var state = new SamplerState(cursors, [], [1]);
        cursors[0] = 5;
        Assert.Equal(new SamplerState([1, 2], [], [1]), state);
    }

    [Fact]
    public void No_more_peers_have_a_cursor_than_a_roster_has()
    {
        string Cursors(int peers) => string.Join(',', Enumerable.Repeat("7", peers));
        Assert.Equal(256, Read(Cursors(256), "", "255").Cursors.Count);
        Assert.Equal("cursor has 257 numbers; expected 1 to 256",
            Assert.Throws<FormatException>(() => Read(Cursors(257), "", "0")).Message);
    }

    [Fact]
    public void Equal_contents_are_equal()
    {
        Assert.Equal(Some, new SamplerState(60, [.. Some.Tail], [.. Some.Members]));
        Assert.NotEqual(Some, new SamplerState(61, Some.Tail, Some.Members));
        Assert.NotEqual(Some, new SamplerState(60, [.. Some.Tail.Skip(1)], Some.Members));
        Assert.NotEqual(Some, new SamplerState(60, Some.Tail, [0, 1, 13]));
    }

    [Fact]
    public void What_it_was_made_of_may_change()
    {
        List<SampleRange> tail = [new(1, 2)];
        List<int> members = [4];
        var state = new SamplerState(5, tail, members);
        tail.Clear();
        members.Add(5);
        Assert.Equal(new SamplerState(5, [new(1, 2)], [4]), state);
    }

    [Theory]
    [InlineData("", "", "0", "cursor is \"\"; expected a whole number from 0 to 1152921504606846976")]
    [InlineData("-1", "", "0", "cursor is \"-1\"; expected")]
    [InlineData("1.0", "", "0", "cursor is \"1.0\"; expected")]
    [InlineData("9223372036854775808", "", "0", "cursor is \"9223372036854775808\"; expected")]
    [InlineData("1152921504606846977", "", "0", "cursor is 1152921504606846977; expected 0 to 1152921504606846976")]
    [InlineData("9223372036854775807", "", "0", "cursor is 9223372036854775807; expected")]
    [InlineData("60,", "", "0", "cursor is \"60,\"; expected a whole number from 0 to 1152921504606846976, or one for each peer")]
    [InlineData("60,-1", "", "0", "cursor is \"60,-1\"; expected")]
    [InlineData("60,1152921504606846977", "", "0", "cursor is 1152921504606846977; expected 0 to")]
    [InlineData("60,60", "1-2", "0", "tail has 1-2; expected is none where each peer has a cursor of its own")]
    [InlineData("60,60", "", "0,2", "members has 2; expected is less than 2, for so many peers have a cursor")]
    [InlineData("60", "12", "0", "tail has \"12\"; expected are ranges first-last")]
    [InlineData("60", "12-x", "0", "tail has \"12-x\"; expected")]
    [InlineData("60", "-3", "0", "tail has \"-3\"; expected")]
    [InlineData("60", "12-11", "0", "tail has \"12-11\"; expected")]
    [InlineData("60", "1-2,", "0", "tail has \"\"; expected")]
    [InlineData("60", "50-60", "0", "tail has 50-60; expected are ranges first-last that ascend and do not touch, "
        + "all before the cursor, which is 60")]
    [InlineData("60", "0-9223372036854775807", "0", "tail has 0-9223372036854775807; expected")]
    [InlineData("60", "1-9223372036854775807", "0", "tail has 1-9223372036854775807; expected")]
    [InlineData("60", "61-61", "0", "tail has 61-61; expected")]
    [InlineData("60", "4-9,2-3", "0", "tail has 2-3; expected")]
    [InlineData("60", "4-9,9-12", "0", "tail has 9-12; expected")]
    [InlineData("60", "4-9,10-12", "0", "tail has 10-12; expected")]
    [InlineData("60", "", "", "members is \"\"; expected is one roster index or more, 0 to 255, ascending")]
    [InlineData("60", "", "0,a", "members is \"0,a\"; expected")]
    [InlineData("60", "", "0,-1", "members is \"0,-1\"; expected")]
    [InlineData("60", "", "0, 1", "members is \"0, 1\"; expected")]
    [InlineData("60", "", "0,2147483648", "members is \"0,2147483648\"; expected")]
    [InlineData("60", "", "0,256", "members is \"0,256\"; expected")]
    [InlineData("60", "", "1,0", "members is \"1,0\"; expected")]
    [InlineData("60", "", "1,1", "members is \"1,1\"; expected")]
    public void A_wrong_text_is_named(string cursor, string tail, string members, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => Read(cursor, tail, members)).Message);
}
