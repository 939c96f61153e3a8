using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Tests.Cli.Doctor;

public class LinkReportTests
{
    static readonly LinkDiagnosis well = new(1)
    {
        ReachesUs = true,
        ReachedByUs = true,
        CarriesLongFrames = true,
        IsConnected = true,
        RoundTrip = TimeSpan.FromMilliseconds(1.25),
        ClockAhead = TimeSpan.FromMilliseconds(-3),
    };

    static Roster RosterOf(bool insecure) => Roster.Read(SettingsReader.Parse($$"""
        { "insecure": {{(insecure ? "true" : "false")}}, "peers": [
          { "id": "east", "address": "127.0.0.1", "port": 7700, "key": "{{Key()}}" },
          { "id": "west", "address": "127.0.0.1", "port": 7800, "key": "{{Key()}}" } ] }
        """, "peers.json"));

    static DialResult Dial(DialOutcome outcome, string detail = "") => new(outcome, "127.0.0.1", 7800, detail);

    static string Key()
    {
        using var key = PeerKeyPair.Create();
        return $"{key.Public}";
    }

    static string[] Lines(LinkDiagnosis diagnosis, bool insecure = false, bool runs = false)
    {
        var roster = RosterOf(insecure);
        return [.. new LinkReport(roster, roster.Peers[0], runs).Of(diagnosis)
            .Select(result => $"{result.Check} {result.Status}: {result.Text} ({result.Advice})")];
    }

    [Fact]
    public void A_link_that_is_well_is_told_each_way() => Assert.Equal(
        ["east → west Ok: reached at 127.0.0.1 port 7800, 1.3 ms there and back; set up alike ()",
            "west → east Ok: heard at port 7700 ()"], Lines(well));

    [Fact]
    public void A_link_that_loses_long_frames_is_told_with_what_to_look_at() => Assert.StartsWith(
        "east → west Warning: reached at 127.0.0.1 port 7800, but a frame of 1 MiB did not come back in time (if the link is not "
            + "just slow", Lines(well with { CarriesLongFrames = false })[0]);

    [Theory]
    [InlineData(DialOutcome.NameUnknown, "the host name 127.0.0.1 is unknown here (compare west's address")]
    [InlineData(DialOutcome.NameTimedOut, "no name server answers for the host name 127.0.0.1 (check this host's name server")]
    [InlineData(DialOutcome.Refused,
        "refused at 127.0.0.1 port 7800: the host answers, but nothing listens there (start peer doctor or peer run on")]
    [InlineData(DialOutcome.NoRoute, "no route leads to 127.0.0.1 port 7800 (K) (check the network")]
    [InlineData(DialOutcome.TimedOut,
        "no answer from 127.0.0.1 port 7800 (check that west's host is on, and open port 7800 in its firewall to east")]
    [InlineData(DialOutcome.NotAPeer,
        "a program listens at 127.0.0.1 port 7800 that is not a peer (compare west's address and port")]
    [InlineData(DialOutcome.NotEncrypted, "a peer without encryption listens at 127.0.0.1 port 7800 (make peers.json equal")]
    [InlineData(DialOutcome.UnknownKey,
        "the process at 127.0.0.1 port 7800 has the key K, which east's peers.json does not have (put the key that peer keygen "
            + "printed on west's host")]
    [InlineData(DialOutcome.OtherPeer,
        "K listens at 127.0.0.1 port 7800, not west (compare the addresses and ports of west and K")]
    [InlineData(DialOutcome.OurKeyUnknown,
        "west at 127.0.0.1 port 7800 does not have the key of east in its peers.json (put east's key line")]
    [InlineData(DialOutcome.OtherVersion, "west at 127.0.0.1 port 7800 runs another version of this program (use one version")]
    internal void Each_reason_is_told_in_plain_words_with_what_to_do(DialOutcome outcome, string words)
    {
        var lines = Lines(new LinkDiagnosis(1) { Dial = Dial(outcome, "K"), Breaks = 3 });
        Assert.StartsWith($"east → west Failed: {words}", lines[0]);
        Assert.StartsWith("west → east Warning: nothing came to port 7700 yet, as west is not reached either", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public void Encryption_on_the_other_side_only_is_told() => Assert.Contains(
        "a peer with encryption listens at 127.0.0.1 port 7800, and east has \"insecure\": true",
        Lines(new LinkDiagnosis(1) { Dial = Dial(DialOutcome.Encrypted) }, insecure: true)[0]);

    [Fact]
    public void A_port_that_the_two_files_have_differently_is_told_with_both() => Assert.StartsWith(
        "east → west Failed: refused at 127.0.0.1 port 7800: the host answers, but nothing listens there (west reaches this host "
        + "and says that it listens at port 7801, and peers.json here has port 7800",
        Lines(new LinkDiagnosis(1) { ReachesUs = true, Dial = Dial(DialOutcome.Refused), ListeningPort = 7801 })[0]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_way_only_is_told_in_the_direction_that_fails(bool insecure)
    {
        var reached = Dial(DialOutcome.Connected);
        var lines = Lines(new LinkDiagnosis(1) { Dial = reached, IsConnected = true }, insecure);
        Assert.StartsWith("east → west Ok: reached at 127.0.0.1 port 7800; it does not answer", lines[0]);
        Assert.StartsWith("west → east Failed: one way only: we reach west, but its frames do not arrive at our port 7700 (west "
            + "must reach 127.0.0.1 port 7700", lines[1]);

        lines = Lines(new LinkDiagnosis(1) { ReachesUs = true, Dial = reached, IsConnected = true }, insecure);
        Assert.StartsWith("east → west Failed: one way only: we hear west, and it does not answer", lines[0]);
        Assert.Equal("west → east Ok: heard at port 7700 ()", lines[1]);
    }

    [Fact]
    public void Who_comes_up_at_the_last_moment_is_not_blamed() =>
        Assert.StartsWith("east → west Warning: a peer listens at 127.0.0.1 port 7800, and did not answer in time (try again",
            Lines(new LinkDiagnosis(1) { Dial = Dial(DialOutcome.Connected) })[0]);

    [Fact]
    public void Other_settings_are_a_line_of_their_own()
    {
        var lines = Lines(well with { Differences = [new("seed", "1", "2"), new("learningRate", "0.001", "0.003")] });
        Assert.Equal("east = west Failed: their settings differ: seed: 1 here, 2 there; learningRate: 0.001 here, 0.003 "
            + "there (make peers.json the same on all hosts)", lines[2]);
        Assert.DoesNotContain("alike", lines[0]);
        Assert.Contains("same version of the program",
            Lines(well with { Differences = [new("steps", "3", "2"), new("protocol", "3", "2")] })[2]);
        Assert.Contains("compare the files", Lines(well with { Differences = [new("data.digest", "3", "2")] })[2]);
        Assert.Contains("make peers.json the same",
            Lines(well with { Differences = [new("data.seed", "3", "2"), new("data.digest", "3", "2")] })[2]);
    }

    [Fact]
    public void With_our_own_peer_running_only_the_way_out_is_told()
    {
        var lines = Lines(new LinkDiagnosis(1)
        {
            Dial = Dial(DialOutcome.Connected),
            IsConnected = true,
            ListenError = "in use",
        }, runs: true);
        Assert.Equal("east → west Ok: reached at 127.0.0.1 port 7800 ()", lines[0]);
        Assert.StartsWith("west → east Warning: not looked at: port 7700 is taken (stop this host's peer run", lines[1]);
        Assert.StartsWith("east → west Failed: refused",
            Lines(new LinkDiagnosis(1) { Dial = Dial(DialOutcome.Refused), ListenError = "in use" }, runs: true)[0]);
    }
}
