using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Processes.Tests;

/// <summary>How peers begin, leave, come back and fail.</summary>
public class LifeCycleTests
{
    /// <summary>Long enough that no test waits for its end.</summary>
    const string Endless = """{ "steps": 1000000 }""";

    [Theory]
    [InlineData(2, "leave")]
    [InlineData(3, "SIGINT")]
    [InlineData(2, "SIGTERM")]
    public async Task One_leaves_and_all_end_in_order_after_one_step(int peers, string how)
    {
        using var place = new Workplace(peers, Endless);
        PeerProcess[] running = [how == "leave" ? place.Peer("a") : place.OwnPeer("a"), .. place.Names.Skip(1).Select(n => place.Peer(n))];
        await running[^1].Step(5);
        if (how == "leave")
            running[0].Say("leave");
        else
            running[0].Signal(how == "SIGINT" ? PeerProcess.Interrupt : PeerProcess.Terminate);
        foreach (var process in running)
            await process.Exits(0);

        var ends = place.Names.Select(name => place.Metrics(name).OfType<Ended>().Single()).ToArray();
        Assert.All(ends, end => Assert.Equal((ends[0].Step, Ended.Left, ends[0].Digest), (end.Step, end.Reason, end.Digest)));
        Assert.All(place.Names, name => Assert.Equal(place.Checkpoint("a", ends[0].Step), place.Checkpoint(name, ends[0].Step)));
        Assert.Contains("a leaves in order", running[1].Text);
    }

    /// <summary>Twice, at steps that chance chooses: a gradient must enter no momentum twice, whoever was how far.</summary>
    [Fact]
    public async Task Resuming_ends_where_an_uninterrupted_run_does()
    {
        const string settings = """{ "steps": 300, "checkpointEvery": 50 }""";
        using var place = new Workplace(3, settings);
        var steps = new List<long>();
        foreach (var (leaver, after) in new[] { ("a", 20), ("c", 60) })
        {
            var running = place.AllPeers();
            var first = running.Single(p => p.Name == leaver);
            await first.Step(after);
            first.Say("leave");
            foreach (var process in running)
                await process.Exits(0);
            steps.Add(place.Newest("a"));
        }
        Assert.InRange(steps[0], 20, 299);
        Assert.InRange(steps[1], Math.Max(60, steps[0] + 1), 299);
        await place.Train();

        using var straight = new Workplace(3, settings);
        await straight.Train();
        foreach (var name in place.Names)
            Assert.True(WeightsOf(straight, name).SequenceEqual(WeightsOf(place, name)), $"{name}'s weights differ, stopped after {steps[0]} and {steps[1]}");
        Assert.All(place.Names, name => Assert.Equal(place.Checkpoint("a", 300), place.Checkpoint(name, 300)));
        var done = place.Metrics("b").OfType<Stepped>().Select(e => e.Step);
        Assert.Equal(Enumerable.Range(1, 300).Select(step => (long)step), done);
    }

    /// <summary>The weights, the previous verdict and the momentum; the rest names the run's chain, of which each has its own.</summary>
    static byte[] WeightsOf(Workplace place, string name)
    {
        var shared = place.Checkpoint(name, 300);
        var momentum = File.ReadAllBytes(place.CheckpointFile(name, 300).Replace(".safetensors", ".momentum.safetensors"));
        return [.. Data(shared), .. Data(momentum)];

        static byte[] Data(byte[] file) => file[(8 + (int)BitConverter.ToUInt64(file))..];
    }

    [Fact]
    public async Task Who_lost_its_folder_fetches_the_state()
    {
        using var place = new Workplace(3, """{ "steps": 1000 }""");
        var running = place.AllPeers();
        await running[0].Step(10);
        running[0].Say("leave");
        foreach (var process in running)
            await process.Exits(0);
        // The lowest rank, which gives its state to all at the start of a run, must not do so now.
        Directory.Delete(place.FolderOf("a"), recursive: true);

        running = place.AllPeers();
        await running[0].Step(place.Newest("b") + 5);
        running[2].Say("leave");
        foreach (var process in running)
            await process.Exits(0);
        Assert.Contains("fetching the state after step", running[0].Text);
        var step = place.Newest("a");
        Assert.All(place.Names, name => Assert.Equal(place.Checkpoint("a", step), place.Checkpoint(name, step)));
        Assert.Single(place.Names.Select(name => place.Metrics(name).OfType<Ended>().Last().Digest).Distinct());
    }

    [Fact]
    public async Task Fresh_deletes_the_programs_own_files_and_no_others()
    {
        using var place = new Workplace(2, """{ "steps": 4 }""");
        await place.Train();
        var mine = Path.Combine(place.FolderOf("a"), "notes.safetensors");
        File.WriteAllText(mine, "mine");
        var other = Path.Combine(place.FolderOf("a"), "step-best.safetensors");
        File.WriteAllText(other, "mine");
        var chain = place.Metrics("a").OfType<Ended>().Single().Digest;
        // Without --fresh there would be nothing to do: the run is at its end.
        await Task.WhenAll(place.Names.Select(name => place.Peer(name, "--fresh").Exits(0)));
        Assert.Equal("mine", File.ReadAllText(other));
        Assert.Equal(4, place.Metrics("a").OfType<Stepped>().Count());
        Assert.NotEqual(chain, place.Metrics("a").OfType<Ended>().Single().Digest);
        Assert.Equal("mine", File.ReadAllText(mine));
    }

    [Fact]
    public async Task Another_learning_rate_is_refused_on_both_sides_by_field_and_values()
    {
        using var place = new Workplace(2, Endless);
        var other = place.Settings.DeepClone();
        other["learningRate"] = 0.003;
        var (a, b) = (place.Peer("a"), place.Program("b", "run", "--child", "--peers", place.Write("other.json", other),
            "--id", "b", "--out", place.FolderOf("b"), "--threads", "1"));
        await a.Exits(1);
        await b.Exits(1);
        Assert.Contains("b is set up differently: learningRate", a.Text);
        Assert.Contains("a is set up differently: learningRate", b.Text);
        Assert.All([a, b], p => Assert.True(p.Text.Contains("0.002") && p.Text.Contains("0.003"), p.Text));
    }

    [Fact]
    public async Task A_killed_peer_is_named_by_all_others_which_keep_what_they_have()
    {
        using var place = new Workplace(3, """{ "steps": 1000000, "giveUpAfter": 2 }""");
        var running = place.AllPeers();
        await running[1].Step(10);
        running[1].Kill();
        foreach (var process in new[] { running[0], running[2] })
        {
            await process.Exits(1);
            Assert.Contains("b has given no sign of life for", process.Text);
            Assert.Contains("they go on from their checkpoints", process.Text);
        }
        Assert.True(place.Newest("a") >= 9 && place.Newest("c") >= 9);

        // And they do go on, with the one that was killed.
        running = place.AllPeers();
        await running[1].Step(Math.Max(place.Newest("a"), place.Newest("c")) + 3);
        running[1].Say("leave");
        foreach (var process in running)
            await process.Exits(0);
        Assert.Single(place.Names.Select(name => place.Metrics(name).OfType<Ended>().Last().Digest).Distinct());
    }

    /// <summary>Nobody could save anything: what was told to be applied comes back from the journals.</summary>
    [Fact]
    public async Task All_killed_lose_no_applied_step()
    {
        using var place = new Workplace(3, Endless);
        var running = place.AllPeers();
        await running[2].Step(20);
        foreach (var process in running)
            process.Kill();
        foreach (var process in running)
            await process.Exit();
        var applied = running.Max(p => p.Events.OfType<Stepped>().Last().Step);

        running = place.AllPeers();
        await running[0].Step(applied + 3);
        running[0].Say("leave");
        foreach (var process in running)
            await process.Exits(0);
        Assert.All(running, p => Assert.True(p.Events.OfType<Started>().Single().Step >= applied));
        Assert.Single(place.Names.Select(name => place.Metrics(name).OfType<Ended>().Last().Digest).Distinct());
    }

    [Fact]
    public async Task Leaving_while_a_peer_is_dead_does_not_wait_for_its_return()
    {
        using var place = new Workplace(2, """{ "steps": 1000000, "giveUpAfter": 3600 }""");
        var (a, b) = (place.Peer("a"), place.Peer("b"));
        await a.Step(5);
        b.Kill();
        await b.Exit();
        a.Say("leave");
        await a.Exits(1);
        Assert.Contains("while b was silent for", a.Text);
        Assert.True(place.Newest("a") >= 4);
    }

    [Fact]
    public async Task Who_waits_for_the_roster_says_for_whom_and_leaves_when_asked()
    {
        using var place = new Workplace(3, Endless);
        var (a, b) = (place.Peer("a"), place.OwnPeer("b"));
        await a.Says("waiting for c");
        a.Say("leave");
        b.Signal(PeerProcess.Interrupt);
        await a.Exits(0);
        await b.Exits(0);
    }

    [Fact]
    public async Task A_folder_belongs_to_one_process()
    {
        using var place = new Workplace(2, Endless);
        var a = place.Peer("a");
        await a.Until("start", _ => File.Exists(Path.Combine(place.FolderOf("a"), "metrics.jsonl")));
        var second = place.Peer("a", "--fresh");
        await second.Exits(2);
        Assert.Contains("another process writes its checkpoints there", second.Text);
        a.Say("leave");
        await a.Exits(0);
    }

    /// <summary>Sixty-four layers with weights of one overflow within a few steps, on all peers alike.</summary>
    [Fact]
    public async Task What_is_not_finite_casts_no_ballot_and_ends_the_run_with_the_reason()
    {
        using var place = new Workplace(2, """
            { "steps": 100, "learningRate": 1, "weightDecay": 0, "warmup": 0, "nonFiniteLimit": 3,
              "model": { "kind": "mlp", "width": 64, "depth": 64 } }
            """);
        var running = place.AllPeers();
        foreach (var process in running)
        {
            await process.Exits(1);
            Assert.Contains("is not finite; no ballot is cast (1 in a row, 3 end the run)", process.Text);
            Assert.Contains("was not finite 3 steps in a row (nonFiniteLimit)", process.Text);
            Assert.Equal(Ended.Failed, process.Events.OfType<Ended>().Single().Reason);
        }
        var steps = place.Metrics("a").OfType<Stepped>().ToArray();
        Assert.Equal([0, 0], steps[^2..].Select(s => s.Voters));
        Assert.All(steps[^2..], s => Assert.Null(s.Loss));
        Assert.All(steps[..^2], s => Assert.NotEqual(0, s.Voters));
        Assert.Equal(place.Checkpoint("a", steps[^1].Step), place.Checkpoint("b", steps[^1].Step));
    }

    [Fact]
    public async Task The_usual_end_is_no_news()
    {
        using var place = new Workplace(2, """{ "steps": 5 }""");
        await place.Train();
        Assert.All(place.Names, name => Assert.DoesNotContain(place.Metrics(name).OfType<Noted>(), n => n.Text.Contains("leaves")));
    }
}
