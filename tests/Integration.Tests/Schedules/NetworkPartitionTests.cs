using DecentralizedLion.Peer.Metrics;
using Xunit.Abstractions;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>Networks that fall apart and heal, with a network of its own for each peer.</summary>
public class NetworkPartitionTests(ITestOutputHelper output)
{
    /// <summary>The minority has the two lowest ranks: they count for nothing against a majority.</summary>
    [NamespaceFact]
    public async Task Three_of_five_go_on_two_pause_and_all_are_equal_when_it_heals()
    {
        using var hosts = new Namespaces(5);
        using var place = new TestCluster(5, """{ "steps": 1000000 }""", hosts);
        var run = new ScheduleRun(place,
        [
            new(Trigger.Steps("a", 20), FaultAction.Cut, "a", "b"),
            new(Trigger.Says("a", "paused: 2 of 5 peers reachable, 3 needed"), FaultAction.Wait),
            new(Trigger.Steps("e", 50), FaultAction.Heal),
            new(Trigger.AllIn, FaultAction.Wait),
        ], TimeProvider.System, output.WriteLine)
        {
            Cut = peers => hosts.Cut(peers.Select(peer => place.Names.ToList().IndexOf(peer))),
        };
        await run.Run();
        RunVerifier.Verify(place, run);
        Assert.Contains("paused: 2 of 5 peers reachable, 3 needed", run.Peers["b"].Process.Text);
        foreach (var name in new[] { "a", "b" })
        {
            Assert.Contains(place.Metrics(name).OfType<Fault>(),
                e => e.What == "resumed" && e.Text.Contains("reachable again", StringComparison.Ordinal));
            Assert.Single(run.Peers[name].Processes);
        }
        Assert.All(new[] { "c", "d", "e" },
            name => Assert.DoesNotContain(place.Metrics(name).OfType<Fault>(), e => e.What == "paused"));
    }
}
