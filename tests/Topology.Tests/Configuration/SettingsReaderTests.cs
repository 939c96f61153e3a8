using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Topology.Tests.Configuration;

public class SettingsReaderTests
{
    static SettingsReader Parse(string json) => SettingsReader.Parse(json, "peers.json");

    static string Error(Action action) => Assert.Throws<SettingsException>(action).Message;

    [Fact]
    public void Reads_every_kind_of_value()
    {
        var r = Parse("""
            { // a comment
              "text": "hello", "int": -3, "long": 5000000000, "seed": 18446744073709551615, "number": 1e-3,
              "flag": true, "pick": "b",
              "section": { "x": 1, }, "list": [ { "y": 2 }, { "y": 3 } ], /* and a trailing comma */
            }
            """);
        Assert.Equal("hello", r.Text("text"));
        Assert.Equal(-3, r.Int("int", -3, 0));
        Assert.Equal(5_000_000_000, r.Long("long", 0, long.MaxValue));
        Assert.Equal(ulong.MaxValue, r.Unsigned("seed"));
        Assert.Equal(0.001, r.Number("number", 0, 1));
        Assert.True(r.Flag("flag"));
        Assert.Equal("b", r.OneOf("pick", ["a", "b"]));
        Assert.Equal(1, r.Section("section").Int("x", 0, 1));
        Assert.Equal([2, 3], r.List("list", 1, 2).Select(e => e.Int("y", 0, 9)));
        r.Finish();
    }

    [Fact]
    public void One_number_or_a_list_of_different_ones_is_read()
    {
        var r = Parse("""
            {
              "one": 4, "many": [8, 4], "seeds": [0, 18446744073709551615], "rates": [0.5, 1e-3],
              "twice": [1, 1], "none": [], "mixed": [1, "2"], "far": [1, 9]
            }
            """);
        Assert.Equal([4], r.Ints("one", 1, 8));
        Assert.Equal([8, 4], r.Ints("many", 1, 8));
        Assert.Equal([3], r.Ints("absent", 1, 8, [3]));
        Assert.Equal([0, ulong.MaxValue], r.Unsigneds("seeds"));
        Assert.Equal([0.5, 0.001], r.Numbers("rates", 0, 1, excludeMin: true));
        foreach (var wrong in new[] { "twice", "none", "mixed", "far" })
            Assert.Contains($"{wrong}: found [", Error(() => r.Ints(wrong, 1, 8)));
        Assert.Contains("missing; required is a whole number from 1 to 8, or a list of different ones",
            Error(() => r.Ints("absent", 1, 8)));
    }

    [Fact]
    public void Absent_fields_take_their_fallback()
    {
        var r = Parse("{}");
        Assert.Equal("t", r.Text("a", "t"));
        Assert.Equal(1, r.Int("b", 0, 9, 1));
        Assert.Equal(2, r.Long("c", 0, 9, 2));
        Assert.Equal(3UL, r.Unsigned("d", 3));
        Assert.Equal(0.5, r.Number("e", 0, 1, 0.5));
        Assert.False(r.Flag("f", false));
        Assert.Equal("x", r.OneOf("g", ["x"], "x"));
        Assert.False(r.Has("h"));
        r.Finish();
    }

    [Theory]
    [InlineData("""{"n": 7}""", "peers.json: n: found 7; allowed is a whole number from 1 to 5")]
    [InlineData("""{"n": 2.5}""", "peers.json: n: found 2.5; allowed is a whole number from 1 to 5")]
    [InlineData("""{"n": "2"}""", "peers.json: n: found \"2\"; allowed is a whole number from 1 to 5")]
    [InlineData("""{"n": null}""", "peers.json: n: found null; allowed is a whole number from 1 to 5")]
    [InlineData(
        """{"n": 99999999999999999999}""", "peers.json: n: found 99999999999999999999; allowed is a whole number from 1 to 5")]
    [InlineData("""{"m": 2}""", "peers.json: n: missing; required is a whole number from 1 to 5 (is \"m\" a misspelling of it?)")]
    [InlineData("""{"other": 2}""", "peers.json: n: missing; required is a whole number from 1 to 5")]
    public void A_whole_number_out_of_line_is_named(string json, string message) =>
        Assert.Equal(message, Error(() => Parse(json).Int("n", 1, 5)));

    [Theory]
    [InlineData("0", "a number above 0 and below 1")]
    [InlineData("1", "a number above 0 and below 1")]
    [InlineData("1e999", "a number above 0 and below 1")]
    [InlineData("\"NaN\"", "a number above 0 and below 1")]
    public void Excluded_limits_are_excluded(string value, string allowed) => Assert.Equal(
        $"peers.json: x: found {value}; allowed is {allowed}",
        Error(() => Parse($$"""{"x": {{value}}}""").Number("x", 0, 1, excludeMin: true, excludeMax: true)));

    [Fact]
    public void Wrong_types_are_named()
    {
        Assert.Contains("f: found 1; allowed is true or false", Error(() => Parse("""{"f": 1}""").Flag("f")));
        Assert.Contains("t: found \"\"; allowed is a text in quotes, not empty", Error(() => Parse("""{"t": ""}""").Text("t")));
        Assert.Contains(
            "p: found \"C\"; allowed is one of \"a\", \"b\"", Error(() => Parse("""{"p": "C"}""").OneOf("p", ["a", "b"])));
        Assert.Contains("s: found [1]; allowed is an object", Error(() => Parse("""{"s": [1]}""").Section("s")));
        Assert.Contains("l: found {}; allowed is a list", Error(() => Parse("""{"l": {}}""").List("l", 1, 2)));
        Assert.Contains("l: found a list of 3; allowed is a list", Error(() => Parse("""{"l": [{}, {}, {}]}""").List("l", 1, 2)));
        Assert.Contains("l[1]: found 3; allowed is an object", Error(() => Parse("""{"l": [{}, 3]}""").List("l", 1, 2)));
        Assert.Contains("peers.json: found []; allowed is an object", Error(() => Parse("[]")));
    }

    [Fact]
    public void Paths_lead_through_lists_and_sections()
    {
        var list = Parse("""{"peers": [{}, {"a": {"port": 0}}]}""").List("peers", 1, 9);
        Assert.Contains("peers[1].a.port: found 0", Error(() => list[1].Section("a").Int("port", 1, 2)));
    }

    [Fact]
    public void Unknown_fields_are_refused_with_the_nearest_known_name()
    {
        var r = Parse("""{"peers": [{"adress": 1}], "steps": 1}""");
        r.Int("steps", 0, 9);
        var peer = r.List("peers", 1, 1)[0];
        peer.Text("address", "x");
        peer.Int("port", 0, 9, 1);
        Assert.Equal(
            "peers.json: peers[0].adress: unknown field; did you mean \"address\"? Known here: address, port", Error(r.Finish));
        Assert.Equal("peers.json: zzzzzz: unknown field. Known here: ", Error(Parse("""{"zzzzzz": 1}""").Finish));
    }

    [Fact]
    public void A_field_twice_is_refused()
    {
        Assert.Contains("a: the field appears twice", Error(() => Parse("""{"a": 1, "a": 1}""")));
        Assert.Contains("s.a: the field appears twice", Error(() => Parse("""{"s": {"a": 1, "a": 1}}""").Section("s")));
    }

    [Fact]
    public void Broken_JSON_is_placed()
    {
        Assert.Contains("peers.json: not JSON at line 2, column", Error(() => Parse("{\n \"a\": ]}")));
        Assert.Contains("not JSON", Error(() => Parse("")));
        Assert.Contains("not Unicode", Error(() => Parse("""{"a": "\ud800"}""")));
        Assert.Contains("not Unicode", Error(() => Parse("""{"\ud800": 1}""")));
        Assert.Contains("not JSON", Error(() => Parse(new string('[', 100))));
    }

    [Fact]
    public void Every_truncation_of_a_file_is_a_settings_error()
    {
        const string json = """{"a": [{"b": "c\u00e9"}], "d": -1.5e3, "e": true} """;
        for (var i = 0; i < json.Length - 1; i++)
            Assert.Throws<SettingsException>(() => Parse(json[..i]));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var message = Error(() => SettingsReader.Open("no/such/peers.json"));
        Assert.StartsWith("no/such/peers.json: there is no such file", message);
    }

    [Fact]
    public void A_long_value_is_shown_in_short() =>
        Assert.True(Error(() => Parse($$"""{"n": "{{new string('x', 9999)}}"}""").Int("n", 1, 5)).Length < 200);
}
