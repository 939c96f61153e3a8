using DecentralizedLion.Peer.Doctor;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Diagnostics;

namespace DecentralizedLion.Peer.Tests.Doctor;

public class LinkVerdictTests
{
    static readonly LinkFinding well = new(1)
    {
        Heard = true,
        HearsUs = true,
        IsConnected = true,
        RoundTrip = TimeSpan.FromMilliseconds(1.25),
        ClockAhead = TimeSpan.FromMilliseconds(-3),
    };

    static Roster RosterOf(bool insecure) => Roster.Read(SettingsReader.Parse($$"""
        { "insecure": {{(insecure ? "true" : "false")}}, "peers": [
          { "id": "east", "address": "127.0.0.1", "port": 7700, "key": "{{Key()}}" },
          { "id": "west", "address": "127.0.0.1", "port": 7800, "key": "{{Key()}}" } ] }
        """, "peers.json"));

    static string Key()
    {
        using var key = DecentralizedLion.Topology.Security.PeerKey.Create();
        return $"{key.Public}";
    }

    static string[] Lines(LinkFinding finding, bool insecure = false, bool runs = false)
    {
        var roster = RosterOf(insecure);
        return [.. new LinkVerdicts(roster, roster.Peers[0], runs).Of(finding).Select(result => $"{result.Check} {result.Status}: {result.Text} ({result.Advice})")];
    }

    [Fact]
    public void A_link_that_is_well_is_told_each_way() => Assert.Equal(
        ["east → west Ok: reached at 127.0.0.1 port 7800, 1.3 ms there and back; set up alike ()", "west → east Ok: heard at port 7700 ()"], Lines(well));

    [Theory]
    [InlineData(DialOutcome.NameNotFound, "name not found: 127.0.0.1 (correct the address of west")]
    [InlineData(DialOutcome.Refused, "refused at 127.0.0.1 port 7800: the host is there, and nobody listens (start peer run or peer doctor on west's host")]
    [InlineData(DialOutcome.NoRoute, "no route to 127.0.0.1 port 7800 (look at this host's network")]
    [InlineData(DialOutcome.TimedOut, "no answer from 127.0.0.1 port 7800: a firewall drops it, or the host is off (open port 7800 on west's host")]
    [InlineData(DialOutcome.Stranger, "something else than a peer listens at 127.0.0.1 port 7800 (correct west's port")]
    [InlineData(DialOutcome.Plain, "handshake fails at 127.0.0.1 port 7800: it is set to \"insecure\": true, and this peer has keys (make peers.json the same")]
    [InlineData(DialOutcome.Encrypted, "handshake fails at 127.0.0.1 port 7800: keys differ (compare \"run\", the ids and the keys of east and west")]
    public void Each_reason_is_told_in_plain_words_with_what_to_do(DialOutcome outcome, string words)
    {
        var lines = Lines(new LinkFinding(1) { Dial = outcome, Breaks = 3 });
        Assert.StartsWith($"east → west Failed: {words}", lines[0]);
        Assert.StartsWith("west → east Warning: nothing came to port 7700 yet, as west is not reached either", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public void Encryption_on_the_other_side_only_is_told() => Assert.Contains(
        "it has keys, and this peer is set to \"insecure\": true", Lines(new LinkFinding(1) { Dial = DialOutcome.Encrypted }, insecure: true)[0]);

    [Theory]
    [InlineData(DialOutcome.Encrypted, false)]
    [InlineData(DialOutcome.Plain, true)]
    public void One_way_only_is_told_in_the_direction_that_fails(DialOutcome outcome, bool insecure)
    {
        var lines = Lines(new LinkFinding(1) { Dial = outcome, IsConnected = true }, insecure);
        Assert.StartsWith("east → west Ok: reached at 127.0.0.1 port 7800; it does not answer", lines[0]);
        Assert.StartsWith("west → east Failed: one way only: we reach west, and nothing of it comes to our port 7700 (west must reach 127.0.0.1 port 7700", lines[1]);

        lines = Lines(new LinkFinding(1) { Heard = true, Dial = outcome, IsConnected = true }, insecure);
        Assert.StartsWith("east → west Failed: one way only: we hear west, and it does not answer", lines[0]);
        Assert.Equal("west → east Ok: heard at port 7700 ()", lines[1]);
    }

    [Fact]
    public void Who_comes_up_at_the_last_moment_is_not_blamed() =>
        Assert.StartsWith("east → west Warning: a peer listens at 127.0.0.1 port 7800, and did not answer in time (try again",
            Lines(new LinkFinding(1) { Dial = DialOutcome.Encrypted })[0]);

    [Fact]
    public void Other_settings_are_a_line_of_their_own()
    {
        var lines = Lines(well with { Differences = [new("seed", "1", "2"), new("learningRate", "0.001", "0.003")] });
        Assert.Equal("east = west Failed: they are set up differently: seed: 1 here, 2 there; learningRate: 0.001 here, 0.003 there (make peers.json the same on all hosts)", lines[2]);
        Assert.DoesNotContain("alike", lines[0]);
        Assert.Contains("same version of the program", Lines(well with { Differences = [new("steps", "3", "2"), new("protocol", "3", "2")] })[2]);
        Assert.Contains("compare the files", Lines(well with { Differences = [new("data.digest", "3", "2")] })[2]);
        Assert.Contains("make peers.json the same", Lines(well with { Differences = [new("data.seed", "3", "2"), new("data.digest", "3", "2")] })[2]);
    }

    [Fact]
    public void With_our_own_peer_running_only_the_way_out_is_told()
    {
        var lines = Lines(new LinkFinding(1) { Dial = DialOutcome.Encrypted, IsConnected = true, Hindrance = "in use" }, runs: true);
        Assert.Equal("east → west Ok: reached at 127.0.0.1 port 7800 ()", lines[0]);
        Assert.StartsWith("west → east Warning: not looked at: port 7700 is taken (stop this host's peer run", lines[1]);
        Assert.StartsWith("east → west Failed: refused", Lines(new LinkFinding(1) { Dial = DialOutcome.Refused, Hindrance = "in use" }, runs: true)[0]);
    }
}
