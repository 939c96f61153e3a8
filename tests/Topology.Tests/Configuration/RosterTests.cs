using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Topology.Tests.Configuration;

public class RosterTests
{
    static Roster Read(string peers, string rest = "\"insecure\": true")
    {
        var reader = SettingsReader.Parse($$"""{ {{rest}}, "peers": [ {{peers}} ] }""", "peers.json");
        var roster = Roster.Read(reader);
        reader.Finish();
        return roster;
    }

    static string Peer(string id, string address = "127.0.0.1", int port = 7000) =>
        $$"""{"id": "{{id}}", "address": "{{address}}", "port": {{port}}}""";

    static string Error(string peers, string rest = "\"insecure\": true") =>
        Assert.Throws<SettingsException>(() => Read(peers, rest)).Message;

    [Fact]
    public void Four_peers_on_one_host()
    {
        var roster = Read(
            string.Join(',', Peer("a", port: 7000), Peer("b", port: 7003), Peer("c", port: 7006), Peer("d", port: 7009)));
        Assert.Equal(4, roster.Count);
        Assert.Equal(new RosterEntry(2, "c", "127.0.0.1", 7006), roster.Find("c"));
        Assert.Null(roster.Find("e"));
        Assert.True(roster.Insecure);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(256)]
    public void Every_ordered_pair_has_a_port_of_its_own(int count)
    {
        var roster = Read(string.Join(',', Enumerable.Range(0, count).Select(i => Peer($"p{i}", port: 1 + i * (count - 1)))));
        var ports = (
            from i in Enumerable.Range(0, count)
            from j in Enumerable.Range(0, count)
            where i != j
            select roster.PortFor(
                i, j)).ToArray();
        Assert.Equal(ports.Length, ports.Distinct().Count());
        Assert.All(ports, p => Assert.InRange(p, 1, 65535));
        Assert.Throws<ArgumentOutOfRangeException>(() => roster.PortFor(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => roster.PortFor(0, count));
    }

    [Fact]
    public void Ports_follow_the_rule()
    {
        var roster = Read(string.Join(',', Peer("a", port: 10), Peer("b", port: 20), Peer("c", port: 30)));
        Assert.Equal((20, 21, 10, 30), (roster.PortFor(1, 0), roster.PortFor(1, 2), roster.PortFor(0, 1), roster.PortFor(2, 0)));
        // In another order, and with one more at the end, the same peers have the same ports: they meet and name the difference.
        var other = Read(string.Join(',', Peer("c", port: 30), Peer("a", port: 10), Peer("d", port: 40), Peer("b", port: 20)));
        Assert.Equal((20, 21, 10, 30), (other.PortFor(3, 1), other.PortFor(3, 0), other.PortFor(1, 3), other.PortFor(0, 1)));
    }

    [Fact]
    public void Two_of_the_same_are_refused_with_both_named()
    {
        Assert.Contains("peers[1].id: found \"a\", which peers[0] has already", Error(Peer("a") + "," + Peer("a", port: 8000)));
        Assert.Contains(
            "peers[1].port: found 127.0.0.1 port 7000, which peers[0] (a) has already", Error(Peer("a") + "," + Peer("b")));
        var overlap = Error(string.Join(',', Peer("a", port: 7000), Peer("b", port: 8000), Peer("c", port: 7001)));
        Assert.Contains("peers[2].port: ports 7001–7002 of c overlap ports 7000–7001 of a (peers[0]) on 127.0.0.1", overlap);
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("LOCALHOST", "localhost")]
    [InlineData("::1", "localhost")]
    [InlineData("::1", "0:0:0:0:0:0:0:1")]
    public void One_host_in_two_spellings_is_one_host(string a, string b) =>
        Assert.Contains("peers[1].port", Error(Peer("a", a) + "," + Peer("b", b)));

    [Fact]
    public void Other_addresses_may_use_the_same_ports() =>
        Assert.Equal(2, Read(Peer("a", "127.0.0.1") + "," + Peer("b", "127.0.0.2")).Count);

    [Theory]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("a/b")]
    public void Bad_ids(string id)
        => Assert.Contains("allowed are 1 to 63 characters", Error(Peer(id) + "," + Peer("b", port: 8000)));

    [Theory]
    [InlineData("256.1.1.1")]
    [InlineData("127.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("::")]
    [InlineData("[::1]")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%nosuchinterface")]
    [InlineData("a..b")]
    [InlineData("-a")]
    [InlineData("tcp://x")]
    [InlineData("host name")]
    public void Bad_addresses(string address) =>
        Assert.Contains("peers[0].address: found \"" + address, Error(Peer("a", address) + "," + Peer("b", port: 8000)));

    [Fact]
    public void Ports_leave_room_for_all_links()
    {
        Assert.Contains("peers[0].port: found 65535; allowed is a whole number from 1 to 65534",
            Error(string.Join(',', Peer("a", port: 65535), Peer("b", port: 8000), Peer("c", port: 9000))));
        Assert.Equal(65535, Read(Peer("a", port: 65535) + "," + Peer("b")).PortFor(0, 1));
        Assert.Contains("peers[0].port: found 0", Error(Peer("a", port: 0) + "," + Peer("b")));
    }

    [Fact]
    public void A_ring_needs_two()
    {
        Assert.Contains("peers: found a list of 1; allowed is a list [ … ] of 2 to 256 objects", Error(Peer("a")));
        Assert.Contains("peers: found a list of 257",
            Error(string.Join(',', Enumerable.Range(0, 257).Select(i => Peer($"p{i}", port: 1 + i)))));
    }

    [Fact]
    public void Insecurity_has_to_be_said()
    {
        var two = Peer("a") + "," + Peer("b", port: 8000);
        Assert.Contains("peers[0].key: missing; required is the key that 'peer keygen a' prints",
            Error(two, "\"insecure\": false"));
        Assert.Contains("peers[0].key: missing", Error(two, "\"seed\": 1"));
        var outside = Peer("a") + "," + Peer("b", "10.0.0.2");
        Assert.Contains("peers[1].address: found \"10.0.0.2\"", Error(outside));
        Assert.Equal(2, Read(outside, "\"insecure\": true, \"anyoneOnTheNetworkMayReadAndForgeTheTraining\": true").Count);
    }

    const string G = "A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", MinusG = "AmsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW",
        TwoG = "A3zyexiNA09-ilI4AwS1GsPAiWnid_IbNaYLSPxHZpl4";

    static string Keyed(string id, string key, string address = "10.0.0.1", int port = 7000) =>
        Peer(id, address, port).Replace("}", $", \"key\": \"{key}\"}}", StringComparison.Ordinal);

    [Fact]
    public void Keys_are_read_and_required_without_insecure()
    {
        var roster = Read($"{Keyed("a", G)},{Keyed("b", TwoG, "10.0.0.2")}", "\"insecure\": false");
        Assert.Equal([G, TwoG], roster.Peers.Select(p => $"{p.Key}"));
        Assert.False(roster.Insecure);
        Assert.Contains("peers[1].key: missing", Error($"{Keyed("a", G)},{Peer("b", "10.0.0.2")}", "\"insecure\": false"));
        // there already, for later
        Assert.Equal(G, $"{Read($"{Keyed("a", G, "127.0.0.1")},{Peer("b", port: 8000)}").Peers[0].Key}");
    }

    [Theory]
    [InlineData("", "peers[1].key: found \"\"; allowed is a text")]
    [InlineData("A2sX0fLhLEJH", "peers[1].key: found \"A2sX0fLhLEJH\": not a public key; allowed is 44 characters of")]
    [InlineData("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", "not a point of the curve P-256")]
    [InlineData("-----BEGIN PRIVATE KEY-----MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
        "found \"-----BEGIN P…\": not a public key")]
    [InlineData(G, "peers[1].key: found \"A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW\", which peers[0] (a) has already")]
    [InlineData(MinusG, "which peers[0] (a) has already; allowed is a key of its own")]
    public void Bad_keys(string key, string message) =>
        Assert.Contains(message, Error($"{Keyed("a", G)},{Keyed("b", key, "10.0.0.2")}", "\"insecure\": false"));

    [Fact]
    public void Unknown_fields_of_a_peer_are_refused() =>
        Assert.Contains("peers[0].prot: unknown field; did you mean \"port\"?",
            Error("""{"id": "a", "address": "localhost", "port": 1, "prot": 2}""" + "," + Peer("b")));
}
