using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class DiskFaultTests : IDisposable
{
    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_full_disk_is_told_with_the_file_and_what_to_do()
    {
        if (!OperatingSystem.IsLinux())
            return; // only there is a device that is always full
        var path = root.File("state.safetensors");
        File.CreateSymbolicLink(path + ".part", "/dev/full");
        using var file = new AtomicFile(path);
        var e = Assert.ThrowsAny<IOException>(() =>
        {
            file.Write(new byte[1 << 20]);
            file.Commit();
        });
        Assert.Equal($"{path} cannot be written: the disk is full; make room on it", e.Message);
        Assert.True(DiskFault.IsNamed(e));
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_is_named()
    {
        var inTheWay = root.File("a");
        File.WriteAllText(inTheWay, "");
        var path = Path.Combine(inTheWay, "state.safetensors");
        var e = Assert.ThrowsAny<IOException>(() => new AtomicFile(path).Dispose());
        Assert.StartsWith($"{path} cannot be written: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_s_folder_is_no_other_peer_s()
    {
        var folder = root.File("a");
        FolderLock.OfPeer(folder, "a").Dispose();
        FolderLock.OfPeer(folder, "a").Dispose();
        Assert.Contains("is the folder of peer \"a\", not of \"c\"; choose another one (--out, PeerOptions.Folder)",
            Assert.Throws<CheckpointException>(() => FolderLock.OfPeer(folder, "c")).Message, StringComparison.Ordinal);
        FolderLock.OfPeer(folder, "a").Dispose();
        File.WriteAllText(Path.Combine(folder, FolderLock.FileName), ""); // of an earlier release
        FolderLock.OfPeer(folder, "c").Dispose();
        Assert.Throws<CheckpointException>(() => FolderLock.OfPeer(folder, "a"));
    }

    [Fact]
    public void A_named_fault_is_not_named_twice()
    {
        var named = DiskFault.Of("inner", new IOException("no"));
        Assert.Same(named, DiskFault.Of("outer", named));
        Assert.False(DiskFault.IsNamed(new IOException("no")));
    }
}
