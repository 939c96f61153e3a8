using System.Runtime.Versioning;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Tests.Security;

[UnsupportedOSPlatform("windows")] // file modes
public sealed class KeyFileTests : IDisposable
{
    const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly TemporaryFolder folder = new();
    readonly PeerKeyPair key = PeerKeyPair.Create();

    public void Dispose()
    {
        key.Dispose();
        folder.Dispose();
    }

    string File1 => folder.File("a.key");

    RosterEntry Entry => new(0, "a", "127.0.0.1", 7000, key.Public);

    [Fact]
    public void Written_for_the_owner_alone_and_read_back()
    {
        KeyFile.Write(File1, key, replace: false);
        Assert.Equal(Owner, File.GetUnixFileMode(File1));
        using PeerKeyPair read = KeyFile.Read(File1, Entry);
        Assert.Equal(key.Public, read.Public);
        Assert.Equal([File1], Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("peers.json", "a.key")]
    [InlineData("/etc/run/peers.json", "/etc/run/a.key")]
    [InlineData("../x/y.json", "../x/a.key")]
    public void It_lies_beside_the_roster(string peers, string expected) => Assert.Equal(expected, KeyFile.PathFor(peers, "a"));

    [Fact]
    public void Nothing_is_overwritten_without_being_asked_not_even_what_a_link_points_to()
    {
        File.WriteAllText(folder.File("precious"), "precious");
        File.CreateSymbolicLink(File1, folder.File("precious"));
        Assert.Contains("is there already", Message(() => KeyFile.Write(File1, key, replace: false)));
        KeyFile.Write(File1, key, replace: true);
        Assert.Null(new FileInfo(File1).LinkTarget);
        Assert.Equal("precious", File.ReadAllText(folder.File("precious")));

        File.Delete(File1);
        File.CreateSymbolicLink(File1, folder.File("nowhere"));
        Assert.Contains("is there already", Message(() => KeyFile.Write(File1, key, replace: false)));
        Assert.Contains("cannot be written", Message(() => KeyFile.Write(folder.File("no/such/a.key"), key, replace: false)));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead, "its group may read")]
    [InlineData(UnixFileMode.GroupWrite, "its group may write")]
    [InlineData(UnixFileMode.OtherRead, "all may read")]
    [InlineData(UnixFileMode.OtherWrite | UnixFileMode.OtherExecute, "all may write")]
    public void What_others_may_use_is_refused(UnixFileMode more, string what)
    {
        KeyFile.Write(File1, key, replace: false);
        File.SetUnixFileMode(File1, Owner | more);
        string message = Message(() => KeyFile.Read(File1, Entry));
        Assert.Contains(what, message);
        Assert.Contains($"chmod 600 {File1}", message);
    }

    [Fact]
    public void Missing_wrong_and_large_files_are_named_and_no_secret_is()
    {
        Assert.Contains($"{File1}: is not there; needed is the secret key of a: make one with 'peer keygen a'",
            Message(() => KeyFile.Read(File1, Entry)));
        using PeerKeyPair other = PeerKeyPair.Create();
        KeyFile.Write(File1, other, replace: false);
        string message = Message(() => KeyFile.Read(File1, Entry));
        Assert.Contains($"its public key is \"{other.Public}\", and peers.json has \"{key.Public}\" at peers[0] (a)", message);
        Assert.DoesNotContain(other.ToPem().Split('\n')[1], message);
        File.WriteAllBytes(File1, new byte[1 << 20]);
        Assert.Contains("1048576 bytes", Message(() => KeyFile.Read(File1, Entry)));
        File.WriteAllBytes(File1, [0xff, 0, 0xfe]);
        Assert.Contains("not a secret key in PEM", Message(() => KeyFile.Read(File1, Entry)));
    }

    static string Message(Action action) => Assert.Throws<KeyFileException>(action).Message;
}
