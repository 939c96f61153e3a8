using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

public sealed class PromisesTests
{
    readonly MemoryViewStore store = new();

    bool AreThere => Promises.AreIn(store.Bytes, 3);

    [Fact]
    public void A_disk_that_was_only_started_with_binds_nobody()
    {
        Assert.False(AreThere);
        _ = new Acceptor(0, 3, store, () => 7);
        Assert.NotNull(store.Bytes);
        Assert.False(AreThere);
    }

    [Fact]
    public void A_promise_does()
    {
        new Acceptor(0, 3, store, () => 7).Promise(256);
        Assert.True(AreThere);
        Assert.False(Promises.AreIn(store.Bytes![..^1], 3)); // damaged: forgotten
    }

    [Fact]
    public void So_does_a_view_that_was_decided()
    {
        new Acceptor(0, 3, store, () => 7).Install(new View(1, [0, 1, 2], [1, 2, 3], 1));
        Assert.True(AreThere);
    }
}
