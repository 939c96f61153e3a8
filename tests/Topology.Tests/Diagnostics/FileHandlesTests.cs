using DecentralizedLion.Topology.Diagnostics;

namespace DecentralizedLion.Topology.Tests.Diagnostics;

public class FileHandlesTests
{
    [Theory]
    [InlineData(4, 1024)]
    [InlineData(128, null)]
    [InlineData(256, 8192)]
    public void Enough_is_no_word_worth(int peers, int? limit) => Assert.Null(FileHandles.Shortage(peers, limit));

    [Fact]
    public void Too_few_are_told_with_what_to_do() => Assert.Equal(
        "peers.json has 128 peers, for which this process needs about 2760 open files, and the system allows it 1024: raise that "
        + "with 'ulimit -n 2760' before the start (LimitNOFILE=2760 in a systemd unit)", FileHandles.Shortage(128, 1024));

    [Fact]
    public void The_system_says_its_limit_on_Linux()
    {
        if (OperatingSystem.IsLinux())
            Assert.InRange(FileHandles.Limit()!.Value, 256, long.MaxValue);
        else
            Assert.Null(FileHandles.Limit());
    }
}
