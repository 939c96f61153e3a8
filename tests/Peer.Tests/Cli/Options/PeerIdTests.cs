using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Cli.Options;

public sealed class PeerIdTests
{
    static readonly Roster roster = Roster.Read(SettingsReader.Parse("""
        {"insecure": true, "anyoneOnTheNetworkMayReadAndForgeTheTraining": true, "peers": [
          {"id": "a", "address": "127.0.0.1", "port": 1}, {"id": "node7", "address": "10.0.0.7", "port": 1},
          {"id": "c", "address": "gpu.lan", "port": 1}]}
        """, "peers.json"));

    static string Resolve(string? said, string host, params (string, string)[] environment) =>
        PeerId.Resolve(roster, said, host, name => environment.FirstOrDefault(e => e.Item1 == name).Item2).Id;

    [Fact]
    public void The_id_is_said_or_found()
    {
        Assert.Equal("c", Resolve("c", "node7", ("RANK", "0")));
        Assert.Equal("node7", Resolve(null, "NODE7", ("RANK", "0")));
        Assert.Equal("node7", Resolve(null, "node7.cluster.example"));
        Assert.Equal("c", Resolve(null, "gpu.lan"));
        Assert.Equal("a", Resolve(null, "other", ("RANK", "0"), ("SLURM_PROCID", "2")));
        Assert.Equal("c", Resolve(null, "other", ("SLURM_PROCID", "2")));
        Assert.Equal("node7", Resolve(null, "login", ("SLURMD_NODENAME", "node7"), ("SLURM_PROCID", "2")));
        Assert.Equal("c", Resolve(null, "login", ("SLURMD_NODENAME", "unknown"), ("SLURM_PROCID", "2")));
    }

    /// <summary>Two tasks on each of two nodes: Slurm's number on the node counts there.</summary>
    [Fact]
    public void Peers_that_share_a_node_are_told_apart()
    {
        var shared = Roster.Read(SettingsReader.Parse("""
            {"insecure": true, "anyoneOnTheNetworkMayReadAndForgeTheTraining": true, "peers": [
              {"id": "p0", "address": "n1", "port": 100}, {"id": "p1", "address": "n1", "port": 200},
              {"id": "p2", "address": "n2", "port": 100}, {"id": "p3", "address": "n2", "port": 200}]}
            """, "peers.json"));
        string Of(params (string Name, string Value)[] environment) =>
            PeerId.Resolve(shared, null, "n2", name => environment.FirstOrDefault(e => e.Name == name).Value).Id;
        // Tasks that are dealt out in turn: of the second node are 1 and 3.
        Assert.Equal("p3", Of(("SLURM_PROCID", "3"), ("SLURM_LOCALID", "1")));
        Assert.Equal("p2", Of(("SLURM_PROCID", "1"), ("SLURM_LOCALID", "0")));
        Assert.Equal("p1", Of(("SLURMD_NODENAME", "n1"), ("SLURM_LOCALID", "1")));
        Assert.Equal("p1", Of(("RANK", "1"), ("SLURM_LOCALID", "0")));
        Assert.Equal("p1", Of(("SLURM_PROCID", "1")));
        Assert.Contains("SLURM_LOCALID: found \"2\"; allowed is 0 to 1, a place among the peers on this host",
            Assert.Throws<UsageException>(() => Of(("SLURM_LOCALID", "2"))).Message);
    }

    [Fact]
    public void An_id_that_is_not_found_lists_those_that_are()
    {
        Assert.Contains(
            "--id: found \"z\"; allowed is one of a, node7, c", Assert.Throws<UsageException>(() => Resolve("z", "x")).Message);
        Assert.Contains("--id is needed", Assert.Throws<UsageException>(() => Resolve(null, "x")).Message);
        Assert.Contains(
            "RANK: found \"3\"; allowed is 0 to 2",
                Assert.Throws<UsageException>(() => Resolve(null, "x", ("RANK", "3"))).Message);
        Assert.Contains(
            "SLURM_PROCID: found \"x\"", Assert.Throws<UsageException>(() => Resolve(null, "x", ("SLURM_PROCID", "x"))).Message);
    }
}
