using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Runs in which a step's gradient is computed before the steps before it are known.</summary>
[Collection(SeededCollection.Name)]
public sealed class DelayTests : IDisposable
{
    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    sealed class Killed : Exception;

    static string Delay(int steps) => $"\"delay\": {steps}";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void All_samples_are_read_once_and_gradients_are_of_earlier_weights(int delay)
    {
        using var host = new Host(root.File("a"), settings: Delay(delay));
        Assert.True(host.Train());
        Assert.Equal(Host.Range(1, 12), host.Reported);
        Assert.Equal(Host.Range(0, 47), host.Data.Positions.SelectMany(positions => positions));
        using var straight = new Host(root.File("straight"));
        straight.Train();
        Assert.NotEqual(straight.Model.Weights.ToArray(), host.Model.Weights.ToArray());
    }

    /// <summary>After the eighth step the ninth's ballot is there: of weights that were wrong, so it is computed anew.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_was_computed_ahead_of_a_reload_is_computed_anew(int delay)
    {
        using var host = new Host(root.File("a"), settings: Delay(delay));
        float[] right = [];
        host.Ring.At(8, () =>
        {
            right = [.. host.Model.Weights];
            host.Model.Weights[0] += 1;
            host.Ring.At(8, () =>
            {
                Assert.Equal(right, host.Model.Weights.ToArray());
                right = [];
                return null;
            });
            return new LoadTurn(7, "differs");
        });
        Assert.True(host.Train());
        Assert.Empty(right);
        Assert.Equal(Host.Range(1, 12), host.Reported);
        Assert.All(host.Ring.Casts, cast => Assert.True(cast.Votes));
        Assert.Equal(12 + delay, host.Data.Positions.Count);
        Assert.Equal([.. Host.Range(0, (4 * (8 + delay)) - 1), .. Host.Range(32, 47)],
            host.Data.Positions.SelectMany(positions => positions));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Who_was_killed_goes_on_with_all_samples(int delay)
    {
        var folder = root.File("a");
        using (var host = new Host(folder, settings: Delay(delay)))
        {
            host.Ring.At(8, () => throw new Killed());
            Assert.Throws<Killed>(() => host.Train());
        }
        using var again = new Host(folder, settings: Delay(delay));
        Assert.True(again.Train(reported: 8));
        Assert.Equal(Host.Range(9, 12), again.Reported);
        Assert.Equal(Host.Range(32, 47), again.Data.Positions.SelectMany(positions => positions));
    }

    /// <summary>Its own journal takes it past the steps that its ballots ahead were for.</summary>
    [Fact]
    public void Who_falls_behind_casts_nothing_that_is_out_of_date()
    {
        using var host = new Host(root.File("a"), settings: Delay(2));
        host.Ring.Late.UnionWith([5, 6]);
        Assert.True(host.Train());
        Assert.Equal([0, 0], host.Events.OfType<Stepped>().Where(step => step.Step is 5 or 6).Select(step => step.Voters));
        Assert.Equal(Host.Range(1, 12), host.Ring.Casts.Select(cast => cast.Step));
    }
}
