using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Compare;

namespace DecentralizedLion.Peer.Tests.Cli.Compare;

[Collection(SeededCollection.Name)]
public sealed class ShardTests : IDisposable
{
    /// <summary>A grid that grows, for two numbers of workers; and a series without one.</summary>
    const string File = """
        { "name": "shards", "model": { "kind": "mlp", "width": 4, "depth": 1 },
          "data": { "kind": "glyphs", "size": 16, "trainCount": 100, "testCount": 20 },
          "samples": 80, "evaluations": 1, "workers": [2, 4], "seeds": [1, 2], "gridBeyond": 1, "common": { "batch": 5 },
          "series": [ { "method": "mavo", "learningRate": [0.001, 0.003] }, { "method": "avg", "learningRate": 0.001 } ] }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shards_and_a_report_give_what_one_run_gives()
    {
        var whole = folder.File("whole");
        Assert.Equal(ExitCode.Done, Run(whole).Code);

        var parts = folder.File("parts");
        var (code, text) = Run(parts, new Shard(2, 2));
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("shards, shard 2 of 2: done, 3 of 6 groups of runs", text);
        var second = Results(parts);
        Assert.Contains("missing: ", Run(parts, report: true).Text);
        Assert.Equal(ExitCode.Done, Run(parts, new Shard(1, 2)).Code);
        var both = Results(parts);
        Assert.InRange(second.Count, 1, both.Count - 1);
        Assert.All(second, made => Assert.Equal(made.Value, both[made.Key])); // none was made twice
        Assert.Equal(Results(whole).Keys.Order(), both.Keys.Order());

        Assert.DoesNotContain("missing", Run(parts, report: true).Text);
        Assert.Equal(Table(whole, "grid.csv", 0), Table(parts, "grid.csv", 0));
        Assert.Equal(Table(whole, "summary.csv", 1), Table(parts, "summary.csv", 1)); // the last column is seconds
        Assert.Equal(Table(whole, "curves.csv", 0), Table(parts, "curves.csv", 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_run_is_one_shards_and_a_rate_is_looked_for_where_it_is_used(int count)
    {
        var settings = SampleResults.Settings(folder, File);
        var split = new TrainingSplit(90, "");
        RunResult[] tried = [.. from workers in new[] { 2, 4 } from rate in new[] { 0.001, 0.003 }
                             select SampleResults.Result("mavo", workers, 1, rate, 0.5 + rate)];
        RunSpec[] all = [.. settings.Grid(split, tried), .. settings.Runs(split, tried)];
        ShardRuns[] shards = [.. Enumerable.Range(1, count).Select(number => new ShardRuns(settings, new Shard(number, count)))];
        Assert.All(all, run => Assert.Single(shards, shard => shard.Has(run)));
        Assert.All(all.Where(run => run.Series == "mavo").GroupBy(run => run.Workers),
            runs => Assert.Single(shards, shard => runs.All(shard.Has)));
        Assert.Equal(6, shards.Sum(shard => shard.OwnCount));
        Assert.Equal(count > 6, shards[^1].OwnCount == 0);
    }

    [Fact]
    public void A_shard_has_its_part_alone_and_keeps_off_who_makes_all()
    {
        var into = folder.File("out");
        using (CompareLock.OfPart(into, "shard-1-of-2"))
        {
            Assert.Contains("another process writes there",
                Assert.Throws<CheckpointException>(() => Run(into, new Shard(1, 2))).Message);
            Assert.Contains("another process writes there", Assert.Throws<CheckpointException>(() => Run(into)).Message);
            Assert.Equal(ExitCode.Done, Run(into, new Shard(2, 2)).Code);
            Assert.Contains("missing: ", Run(into, report: true).Text); // a report may be had meanwhile
        }
        using (CompareLock.OfAll(into))
            Assert.Throws<CheckpointException>(() => Run(into, new Shard(1, 2)));
    }

    [Fact]
    public void A_shard_without_runs_says_why()
    {
        var (code, text) = Run(folder.File("out"), new Shard(7, 7));
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("0 of 6 groups of runs", text);
        Assert.Contains("This shard had no runs: there are only 6 groups to divide", text);
    }

    [Theory]
    [InlineData("0/2")]
    [InlineData("3/2")]
    [InlineData("a/b")]
    [InlineData("1")]
    [InlineData("-1/2")]
    [InlineData("1/1001")]
    public async Task What_is_no_shard_is_refused(string text)
    {
        var (code, _, error) = await CommandLineTests.Invoke($"compare c.json --shard {text}");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains($"--shard: found \"{text}\"; allowed is I/N, the I-th of N, with N from 1 to 1000 and I from 1 to N",
            error);
    }

    [Fact]
    public async Task A_shard_arrives_and_goes_with_no_report()
    {
        Assert.Equal(new CompareOptions { File = "c.json", Device = "cpu", Shard = new Shard(2, 4) },
            (await CommandLineTests.Invoke("compare c.json --shard 2/4")).Asked);
        Assert.Contains("--report: found together with --shard",
            (await CommandLineTests.Invoke("compare c.json --shard 2/4 --report")).Text);
        Assert.Contains("--json: found together with --shard",
            (await CommandLineTests.Invoke("compare c.json --shard 2/4 --json")).Text);
        var (code, _, text) = await CommandLineTests.Invoke("compare c.json --shard");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("--shard", text);
    }

    static Dictionary<string, DateTime> Results(string folder) => Directory.GetFiles(folder, "*.json")
        .ToDictionary(file => Path.GetFileName(file)!, System.IO.File.GetLastWriteTimeUtc);

    static IEnumerable<string> Table(string folder, string name, int without) =>
        System.IO.File.ReadLines(Path.Combine(folder, name)).Select(line => string.Join(',', line.Split(',')[..^without]));

    (int Code, string Text) Run(string into, Shard? shard = null, bool report = false)
    {
        System.IO.File.WriteAllText(folder.File("compare.json"), File);
        using var output = new StringWriter();
        var options = new CompareOptions
        {
            File = folder.File("compare.json"),
            Device = "cpu",
            Out = into,
            Jobs = 1,
            Shard = shard,
            Report = report,
        };
        var code = new Comparison(options, output, TextWriter.Null, new(TextWriter.Null, null, TimeProvider.System),
            TimeProvider.System).Run(default);
        return (code, output.ToString());
    }
}
