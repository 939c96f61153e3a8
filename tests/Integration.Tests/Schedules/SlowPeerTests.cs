using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>Tests of a peer whose gradients take much longer than the others'.</summary>
[Collection(SequentialCollection.Name)]
public class SlowPeerTests
{
    [Fact]
    public async Task A_slow_peer_abstains_and_stays_equal()
    {
        using var place = new TestCluster(3, """
            { "steps": 1000000, "batch": 128, "model": { "kind": "convnet", "width": 8, "depth": 2 } }
            """, pooled: true);
        var run = new ScheduleRun(place, [new(Trigger.Steps("a", 120), FaultAction.Wait)], TimeProvider.System, _ => { })
        {
            Arguments = name => name == "c" ? ["--slow", "10"] : ["--slow", "1"],
        };
        await run.Run();
        RunVerifier.Verify(place, run);
        // The first steps are too few to know what is slow.
        var steps = place.Metrics("a").OfType<Stepped>().Where(s => s.Step is > 20 and <= 120).ToArray();
        Assert.InRange(steps.Count(s => s.Abstained.Contains("c")), 60, 100);
        Assert.InRange(place.Metrics("c").OfType<Stepped>().Count(), 120, int.MaxValue);
    }
}
