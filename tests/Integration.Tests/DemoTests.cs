namespace DecentralizedLion.Integration.Tests;

/// <summary>The demo and its children.</summary>
[Collection(SequentialCollection.Name)]
public class DemoTests
{
    const string Endless = """{ "steps": 1000000, "evaluateEvery": 5, "evaluateSamples": 10 }""";

    static PeerProcess Demo(TestCluster place, string folder = "out", params string[] more) =>
        place.Program("demo",
            ["demo", "--peers", place.PeersFile, "--out", place.In(folder), "--threads", "1", .. more]);

    /// <summary>The children, when all of them train.</summary>
    static async Task<IReadOnlyList<int>> Training(TestCluster place, PeerProcess demo)
    {
        await demo.Says("test accuracy");
        var children = demo.Children();
        Assert.Equal(place.Names.Count, children.Count);
        return children;
    }

    static async Task Gone(IReadOnlyList<int> ids)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (ids.Any(PeerProcess.IsAlive))
            Assert.True(await often.WaitForNextTickAsync(limit.Token));
    }

    [Fact]
    public async Task It_trains_to_the_end_with_one_digest()
    {
        using var place = new TestCluster(4, """{ "steps": 20, "evaluateEvery": 10 }""");
        var demo = Demo(place);
        await demo.Exits(0);
        Assert.Contains("Finished 20 steps.", demo.Text);
        Assert.DoesNotContain('\u001b', demo.Text); // neither table nor colours where the output is no terminal
        var digests = demo.Text.Split('\n').Where(line => line.StartsWith("digest ", StringComparison.Ordinal))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]).ToArray();
        Assert.Equal(4, digests.Length);
        Assert.Single(digests.Distinct());
        Assert.DoesNotContain("leaves in order", demo.Text);
    }

    /// <summary>The life of one demo: others are refused beside it, a child is killed, and Ctrl-C ends it.</summary>
    [Fact]
    public async Task Two_demos_at_the_same_ports_say_so_a_killed_child_comes_back_and_Ctrl_C_ends_all_in_order()
    {
        using var place = new TestCluster(3, Endless);
        var demo = Demo(place);
        var children = await Training(place, demo);

        var second = Demo(place, "elsewhere");
        await second.Exits(1);
        Assert.Matches("Peer [abc] ended with code 1; the demo ended the others. Its last lines:", second.Text);
        Assert.Contains("in use", second.Text);
        var third = Demo(place);
        await third.Exits(1);
        Assert.Contains("another process writes there", third.Text);
        Assert.Equal(children.Order(), demo.Children().Order());

        System.Diagnostics.Process.GetProcessById(children[1]).Kill();
        await demo.Says("its process ended by signal 9 (SIGKILL); it is started again in");
        await demo.Says("is a member again");
        var again = demo.Children();
        Assert.Single(again.Except(children));

        demo.Signal(PeerProcess.Interrupt);
        await demo.Exits(0);
        Assert.Contains("Stopped in order after step", demo.Text);
        Assert.DoesNotContain(again, PeerProcess.IsAlive);
        Assert.All(place.Names, name => Assert.True(place.Newest(name) > 0));
    }

    [Fact]
    public async Task Without_restarts_the_others_go_on()
    {
        using var place = new TestCluster(3, Endless);
        var demo = Demo(place, more: "--no-restart");
        var children = await Training(place, demo);
        System.Diagnostics.Process.GetProcessById(children[0]).Kill();
        await demo.Says("its process ended by signal 9 (SIGKILL); the others continue without it");
        await demo.Says("was removed from the view");
        await demo.Says("test accuracy", demo.Lines);
        Assert.Empty(demo.Children().Except(children));
        demo.Signal(PeerProcess.Interrupt);
        await demo.Exits(0);
    }

    [Fact]
    public async Task No_child_outlives_a_killed_demo()
    {
        using var place = new TestCluster(3, Endless);
        var demo = Demo(place);
        var children = await Training(place, demo);
        try
        {
            demo.Kill();
            await demo.Exit();
            await Gone(children);
        }
        finally
        {
            foreach (var child in children.Where(PeerProcess.IsAlive))
                System.Diagnostics.Process.GetProcessById(child).Kill();
        }
        Assert.All(place.Names, name => Assert.True(place.Newest(name) > 0, $"{name} kept what it had"));
    }
}
