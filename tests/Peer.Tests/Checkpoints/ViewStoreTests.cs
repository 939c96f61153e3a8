using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class ViewStoreTests : IDisposable
{
    static readonly byte[] Promise = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    ViewStore Store => new(folder.Path);

    [Fact]
    public void What_was_promised_comes_back_and_the_last_counts()
    {
        Assert.Null(Store.Load());
        Assert.False(Store.IsDamaged);
        Store.Save([1, 2, 3]);
        Store.Save(Promise);
        Assert.Equal(Promise, Store.Load());
        Store.Save([]);
        Assert.Equal([], Store.Load()!);
        Assert.Equal(["view.state"], Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)));
        Store.Clear();
        Assert.Null(Store.Load());
        Store.Clear();
    }

    [Fact]
    public void The_rosters_ids_come_back_with_it_and_files_without_them_are_read()
    {
        Store.Save(Promise);
        Assert.Null(Store.LoadRoster());
        new ViewStore(folder.Path, ["a", "b"]).Save(Promise);
        Assert.Equal(["a", "b"], Store.LoadRoster()!);
        Assert.Equal(Promise, Store.Load());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Torn_anywhere_it_is_forgotten(bool hasRoster)
    {
        new ViewStore(folder.Path, hasRoster ? ["a", "b"] : null).Save(Promise);
        var whole = File.ReadAllBytes(Store.File);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Store.File, whole[..length]);
            Assert.Null(Store.Load());
            Assert.True(Store.IsDamaged);
        }
        File.WriteAllBytes(Store.File, [.. whole, 0]);
        Assert.Null(Store.Load());
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_found()
    {
        Store.Save(Promise);
        var whole = File.ReadAllBytes(Store.File);
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Store.File, damaged);
            Assert.Null(Store.Load());
        }
    }

    [Fact]
    public void What_cannot_be_written_is_said()
    {
        Directory.CreateDirectory(Store.File);
        Assert.ThrowsAny<IOException>(() => Store.Save(Promise));
    }
}
