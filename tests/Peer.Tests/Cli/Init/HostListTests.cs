using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Init;

namespace DecentralizedLion.Peer.Tests.Cli.Init;

public sealed class HostListTests
{
    static string Read(string hosts, int portsEach = 1) =>
        string.Join(' ', HostList.Read([hosts], 7700, portsEach).Select(host => $"{host.Id}={host.Address}:{host.Port}"));

    [Theory]
    [InlineData("gpu1\ngpu2\n", "gpu1=gpu1:7700 gpu2=gpu2:7700")]
    [InlineData("gpu1.lan gpu2.lan", "gpu1=gpu1.lan:7700 gpu2=gpu2.lan:7700")]
    [InlineData("gpu.east gpu.west", "gpu.east=gpu.east:7700 gpu.west=gpu.west:7700")]
    [InlineData("a=10.0.0.1 b=10.0.0.2:99", "a=10.0.0.1:7700 b=10.0.0.2:99")]
    [InlineData("10.0.0.1 fd77::1 [fd77::2]:99 e=[fd77::3]",
        "10.0.0.1=10.0.0.1:7700 fd77--1=fd77::1:7700 fd77--2=fd77::2:99 e=fd77::3:7700")]
    [InlineData("n1 n1 n2 n2", "n1-1=n1:7700 n1-2=n1:7701 n2-1=n2:7700 n2-2=n2:7701")]
    [InlineData("p0=n1 p1=n1 p2=n2", "p0=n1:7700 p1=n1:7701 p2=n2:7700")]
    public void Hosts_become_peers_with_ids_and_ports(string hosts, string peers) => Assert.Equal(peers, Read(hosts));

    [Fact]
    public void Peers_that_listen_on_several_ports_get_as_many() =>
        Assert.Equal("a=localhost:7700 b=localhost:7702 c=localhost:7704", Read("a=localhost b=localhost c=localhost", 2));

    [Theory]
    [InlineData("gpu[1-4]", "stands for several hosts; 'scontrol show hostnames gpu[1-4]'")]
    [InlineData("a:0", "port \"0\"; allowed is a port from 1 to 65535")]
    [InlineData("a:", "port \"\"; allowed is a port from 1 to 65535")]
    [InlineData("=a", "allowed is HOST, HOST:PORT, ID=HOST")]
    [InlineData("a=", "allowed is HOST, HOST:PORT, ID=HOST")]
    [InlineData("[fd77::1", "allowed is HOST, HOST:PORT, ID=HOST")]
    [InlineData("[fd77::1]x:5", "allowed is HOST, HOST:PORT, ID=HOST")]
    public void What_is_no_host_is_named_with_what_is_allowed(string host, string message)
    {
        var found = Assert.Throws<UsageException>(() => Read(host)).Message;
        Assert.Contains($"HOST: found \"{host}\"", found);
        Assert.Contains(message, found);
    }
}
