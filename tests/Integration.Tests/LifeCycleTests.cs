using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Tests of peers that begin, leave, rejoin and fail.</summary>
public class LifeCycleTests
{
    /// <summary>Long enough that no test waits for its end.</summary>
    const string Endless = """{ "steps": 1000000 }""";

    /// <summary>Tells peers to leave, one right after the other, and waits for their ends.</summary>
    static async Task Leave(params PeerProcess[] running)
    {
        foreach (var process in running)
            process.Say("leave");
        foreach (var process in running)
            await process.Exits(0);
    }

    [Theory]
    [InlineData(2, "leave")]
    [InlineData(3, "SIGINT")]
    [InlineData(2, "SIGTERM")]
    public async Task One_leaves_in_order_and_the_others_go_on(int peers, string how)
    {
        using var place = new TestCluster(peers, Endless, pooled: true);
        PeerProcess[] running = [how == "leave" ? place.Peer("a") : place.OwnPeer("a"),
            .. place.Names.Skip(1).Select(n => place.Peer(n))];
        await running[^1].Step(5);
        if (how == "leave")
            running[0].Say("leave");
        else
            running[0].Signal(how == "SIGINT" ? PeerProcess.Interrupt : PeerProcess.Terminate);
        await running[0].Exits(0);
        var end = place.Metrics("a").OfType<Ended>().Single();
        Assert.Equal(Ended.Left, end.Reason);
        Assert.True(File.Exists(place.CheckpointFile("a", end.Step)), "it kept what it had");
        foreach (var other in running[1..])
        {
            await other.Step(end.Step + 20);
            var same = other.Steps.Single(s => s.Step.Step == end.Step).Step;
            Assert.Equal(end.Digest, same.Digest);
            // A step that another member held already when a left is still of the view with a in it.
            var next = other.Steps.Select(s => s.Step).First(step => step.Step > end.Step && step.View != same.View);
            Assert.InRange(next.Step, end.Step + 1, end.Step + 2);
            Assert.Equal(["a"], next.Away);
            Assert.Contains("a leaves in order", other.Text);
            Assert.DoesNotContain("removed from the view", other.Text);
        }
        await Leave(running[1..]);
        Assert.All(place.Names.Skip(1), name => Assert.Equal(Ended.Left, place.Metrics(name).OfType<Ended>().Single().Reason));
    }

    /// <summary>Twice, at steps that chance chooses: a gradient must enter no momentum twice, however far it was. Alone, because
    /// of several one always leaves a moment before the others, which then take a step without its gradient.</summary>
    [Fact]
    public async Task Resuming_ends_where_an_uninterrupted_run_does()
    {
        const string settings = """{ "steps": 300, "checkpointEvery": 50, "suspectAfter": 0.5, "deadline": "off" }""";
        using var place = new TestCluster(2, settings, pooled: true);
        var steps = new List<long>();
        foreach (var after in new[] { 20, 60 })
        {
            var running = place.Peer("a", steps.Count == 0 ? ["--bootstrap"] : []);
            await running.Step(after);
            await Leave(running);
            steps.Add(place.Newest("a"));
        }
        Assert.InRange(steps[0], 20, 299);
        Assert.InRange(steps[1], Math.Max(60, steps[0] + 1), 299);
        await place.Peer("a").Exits(0);

        using var straight = new TestCluster(2, settings, pooled: true);
        await straight.Peer("a", "--bootstrap").Exits(0);
        Assert.True(WeightsOf(straight, "a").SequenceEqual(WeightsOf(place, "a")),
            $"the weights differ, stopped after {steps[0]} and {steps[1]}");
        var done = place.Metrics("a").OfType<Stepped>().ToArray();
        Assert.Equal(Enumerable.Range(1, 300).Select(step => (long)step), done.Select(e => e.Step));
        Assert.All(done, e => Assert.Equal(1, e.Voters));
    }

    /// <summary>The weights, the previous majority and the momentum; the rest names the run's chain, of which each has its
    /// own.</summary>
    static byte[] WeightsOf(TestCluster place, string name)
    {
        var shared = place.Checkpoint(name, 300);
        var momentum = File.ReadAllBytes(place.CheckpointFile(name, 300).Replace(".safetensors", ".momentum.safetensors"));
        return [.. Data(shared), .. Data(momentum)];

        static byte[] Data(byte[] file) => file[(8 + (int)BitConverter.ToUInt64(file))..];
    }

    [Fact]
    public async Task Who_lost_its_folder_fetches_the_state()
    {
        using var place = new TestCluster(3, """{ "steps": 1000000 }""", pooled: true);
        var running = place.AllPeers();
        await running[0].Step(10);
        await Leave(running[0]);
        await Leave(running[1..]);
        // The lowest rank, whose state all take at the start of a run, must not give its own now.
        Directory.Delete(place.FolderOf("a"), recursive: true);

        running = place.AllPeers();
        await running[0].Step(Math.Max(place.Newest("b"), place.Newest("c")) + 5);
        await Leave(running);
        Assert.Contains("fetching the snapshot of step", running[0].Text);
        var told = place.Names.SelectMany(name => place.Metrics(name).OfType<Stepped>()).ToLookup(s => s.Step, s => s.Digest);
        Assert.All(told, step => Assert.Single(step.Distinct()));
    }

    [Fact]
    public async Task Fresh_deletes_the_programs_own_files_and_no_others()
    {
        using var place = new TestCluster(2, """{ "steps": 4 }""", pooled: true);
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
        using var place = new TestCluster(2, Endless, pooled: true);
        var other = place.Settings.DeepClone();
        other["learningRate"] = 0.003;
        var (a, b) = (place.Peer("a"), place.Program("b", ["run", "--child", "--peers", place.Write("other.json", other),
            "--id", "b", "--out", place.FolderOf("b"), "--threads", "1"]));
        await a.Exits(1);
        await b.Exits(1);
        Assert.Contains("b's settings differ: learningRate", a.Text);
        Assert.Contains("a's settings differ: learningRate", b.Text);
        Assert.All([a, b], p => Assert.True(p.Text.Contains("0.002") && p.Text.Contains("0.003"), p.Text));
    }

    [Fact]
    public async Task Without_a_quorum_a_peer_pauses_says_so_and_can_still_leave()
    {
        using var place = new TestCluster(2, Endless, pooled: true);
        var (a, b) = (place.Peer("a"), place.Peer("b"));
        await b.Step(5);
        await a.KillAndRead();
        await b.Says("paused: 1 of 2 peers reachable, 2 needed");
        var paused = b.Last!.Step;
        await Leave(b);
        Assert.Contains("s without confirmation: ", b.Text);
        Assert.Equal(paused, place.Newest("b"));
    }

    /// <summary>Of two, the one of the lower rank goes on alone.</summary>
    [Fact]
    public async Task The_lower_rank_of_two_goes_on_alone()
    {
        using var place = new TestCluster(2, Endless, pooled: true);
        var (a, b) = (place.Peer("a"), place.Peer("b"));
        await a.Step(5);
        await b.KillAndRead();
        await a.Says("b was removed from the view");
        await a.Step(b.Last!.Step + 10);
        b = place.Peer("b");
        await b.Step(a.Last!.Step + 10);
        await Leave(a, b);
        Assert.False(a.Text.Contains("paused", StringComparison.Ordinal), a.Text);
    }

    [Fact]
    public async Task Who_waits_for_the_roster_says_for_whom_and_leaves_when_asked()
    {
        using var place = new TestCluster(3, Endless, pooled: true);
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
        using var place = new TestCluster(2, Endless, pooled: true);
        var a = place.Peer("a");
        await a.Until("start", _ => File.Exists(Path.Combine(place.FolderOf("a"), "metrics.jsonl")));
        var second = place.Peer("a", "--fresh");
        await second.Exits(2);
        Assert.Contains("another process writes there", second.Text);
        a.Say("leave");
        await a.Exits(0);
    }

    /// <summary>Sixty-four layers with weights of one overflow within a few steps, on all peers alike.</summary>
    [Fact]
    public async Task What_is_not_finite_casts_no_ballot_and_ends_the_run_with_the_reason()
    {
        using var place = new TestCluster(2, """
            { "steps": 100, "learningRate": 1, "weightDecay": 0, "warmup": 0, "nonFiniteLimit": 3,
              "model": { "kind": "mlp", "width": 64, "depth": 64 } }
            """, pooled: true);
        var running = place.AllPeers();
        foreach (var process in running)
        {
            await process.Exits(1);
            Assert.Contains("is not finite; no ballot is cast (1 in a row, 3 end the run)", process.Text);
            Assert.Contains("was not finite 3 steps in a row (nonFiniteLimit)", process.Text);
            Assert.Equal(Ended.Failed, process.Events.OfType<Ended>().Single().Reason);
        }
        var steps = place.Names.Select(name => place.Metrics(name).OfType<Stepped>().ToArray()).ToArray();
        var voted = steps[0].Count(s => s.Voters != 0);
        Assert.NotEqual(0, voted);
        foreach (var own in steps)
        {
            // The first ballot that is not cast gives the step that nobody votes in, and so on.
            Assert.All(own[..voted], s => Assert.Equal(2, s.Voters));
            Assert.All(own[voted..], s => Assert.True(s.Voters == 0 && s.Loss is null));
            Assert.True(own.Length >= voted + 2, $"{own.Length} steps, {voted} with votes");
        }
        var common = steps.Min(own => own.Length);
        Assert.Equal(steps[0][..common].Select(s => s.Digest), steps[1][..common].Select(s => s.Digest));
        Assert.All(place.Names, name => Assert.Equal(place.Metrics(name).OfType<Stepped>().Last().Step, place.Newest(name)));
    }

    [Fact]
    public async Task The_usual_end_is_no_news()
    {
        using var place = new TestCluster(2, """{ "steps": 5 }""", pooled: true);
        await place.Train();
        Assert.All(place.Names,
            name => Assert.DoesNotContain(place.Metrics(name).OfType<Note>(), n => n.Text.Contains("leaves")));
    }
}
