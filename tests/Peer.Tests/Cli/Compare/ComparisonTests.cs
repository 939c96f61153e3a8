using System.Text.Json;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Cli.Compare;

[Collection(SeededCollection.Name)]
public sealed class ComparisonTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Out => folder.File("out");

    (int Code, string Text) Run(string text, bool report = false, CancellationToken stop = default)
    {
        File.WriteAllText(folder.File("compare.json"), text);
        if (report)
            Directory.CreateDirectory(Out);
        using var output = new StringWriter();
        var code = new Comparison(new CompareOptions
        {
            File = folder.File("compare.json"),
            Device = "cpu",
            Out = Out,
            Jobs = 1,
            Report = report,
        },
            output, TextWriter.Null, new(TextWriter.Null, null, TimeProvider.System), TimeProvider.System).Run(stop);
        return (code, output.ToString());
    }

    Dictionary<string, DateTime> Made() =>
        Directory.GetFiles(Out, "*.json").ToDictionary(file => Path.GetFileName(file)!, File.GetLastWriteTimeUtc);

    [Fact]
    public void A_second_start_makes_nothing_again_and_a_changed_setting_makes_its_runs_again()
    {
        Assert.Equal(ExitCode.Done, Run(SampleResults.Glyphs).Code);
        var first = Made();
        Assert.Equal(11, first.Count); // ten that are compared, one of them the grid's best, and the grid's other
        foreach (var file in Directory.GetFiles(Out, "*.json"))
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var (code, text) = Run(SampleResults.Glyphs);
        Assert.Equal(ExitCode.Done, code);
        Assert.DoesNotContain("missing", text, StringComparison.Ordinal);
        Assert.All(Made(), file => Assert.Equal(2020, file.Value.Year));

        Run(SampleResults.Glyphs.Replace("\"method\": \"g-lion\",", "\"method\": \"g-lion\", \"weightDecay\": 0.2,",
            StringComparison.Ordinal));
        Assert.All(first.Keys, file => Assert.Equal(2020, Made()[file].Year)); // nothing is lost
        Assert.All(Made().Keys.Except(first.Keys), file => Assert.StartsWith("g-lion", file, StringComparison.Ordinal));
        Assert.Equal(4, Made().Count - first.Count);
        Assert.Equal(ExitCode.Done, Run(SampleResults.Glyphs).Code);
        Assert.Equal(4, Made().Count - first.Count);
    }

    [Fact]
    public void The_order_of_fields_and_the_spelling_of_numbers_make_no_other_run()
    {
        Run(SampleResults.Glyphs);
        var first = Made();
        Run(SampleResults.Glyphs.Replace("\"kind\": \"mlp\", \"width\": 8", "\"width\": 8, \"kind\": \"mlp\"",
            StringComparison.Ordinal)
            .Replace("\"gridBeyond\": 0", "\"gridBeyond\": 0, \"validation\": 0.10", StringComparison.Ordinal));
        Assert.Equal(first, Made());
    }

    [Fact]
    public void Charts_of_workers_that_the_file_has_no_more_are_deleted()
    {
        Run(SampleResults.Glyphs);
        Assert.True(File.Exists(Path.Combine(Out, "accuracy-over-epochs-4.svg")));
        File.WriteAllText(Path.Combine(Out, "mine-over-theirs.svg"), "");
        Run(SampleResults.Glyphs.Replace("\"workers\": [2, 4]", "\"workers\": [2]", StringComparison.Ordinal)
            .Replace("\"workers\": 4 }", "\"workers\": 2 }", StringComparison.Ordinal), report: true);
        Assert.False(File.Exists(Path.Combine(Out, "accuracy-over-epochs-4.svg")));
        Assert.True(File.Exists(Path.Combine(Out, "accuracy-over-epochs-2.svg")));
        Assert.True(File.Exists(Path.Combine(Out, "mine-over-theirs.svg")));
    }

    [Fact]
    public void A_report_of_no_folder_makes_none()
    {
        File.WriteAllText(folder.File("compare.json"), SampleResults.Glyphs);
        var mistyped = new CompareOptions { File = folder.File("compare.json"), Device = "cpu", Out = Out, Report = true };
        Assert.Contains($"--report: there is no folder {Out}", Assert.Throws<UsageException>(() =>
            new Comparison(mistyped, TextWriter.Null, TextWriter.Null, new(TextWriter.Null, null, TimeProvider.System),
                TimeProvider.System).Run(default)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void Workers_may_take_different_batches_with_votes_that_count_them_or_not()
    {
        const string File = """
            {
              "name": "batches", "model": { "kind": "mlp", "width": 4, "depth": 1 },
              "data": { "kind": "glyphs", "size": 16, "trainCount": 400, "testCount": 40 },
              "samples": 240, "evaluations": 1, "workers": 4, "seeds": 1, "common": { "weightDecay": 0.1 },
              "series": [
                { "name": "weighted", "method": "mavo", "batches": [2, 10], "learningRate": 0.01 },
                { "name": "not", "method": "mavo", "batches": [2, 10], "weighted": false, "learningRate": 0.01 },
                { "name": "avg", "batches": [2, 10], "method": "avg", "learningRate": 0.01 },
              ],
            }
            """;
        Assert.Equal(ExitCode.Done, Run(File).Code);
        double Bits(string name) => JsonDocument.Parse(System.IO.File.ReadAllText(Directory.GetFiles(Out, $"{name}-n4*.json")
            .Single())).RootElement.GetProperty("result").GetProperty("bitsPerStep").GetDouble();
        // Of 1, 5, 1 and 5 votes: a ballot, sums of 6 in three planes, and of 7 or 11 in three or four.
        Assert.Equal(((1 + 3 + 3) + (1 + 3 + 4)) / 2.0 / 4 + 3 / 4.0, Bits("weighted"), 3);
        Assert.Equal(2, Bits("not"), 3);
        Assert.Equal(((1 + 3 + 3) + (1 + 3 + 4)) / 2.0 / 4 + 4 * 3 / 4.0, Bits("avg"), 3);

        Assert.Contains("series[0].batches: found [2, 0]", Refusal("[2, 10]", "[2, 0]"), StringComparison.Ordinal);
        Assert.Contains("series[0].batches: found 3 batches for 4 workers", Refusal("[2, 10]", "[2, 10, 3]"),
            StringComparison.Ordinal);
        Assert.Contains("series[1].weighted: found without batches",
            Refusal("\"batches\": [2, 10], \"weighted\"", "\"weighted\""), StringComparison.Ordinal);
        Assert.Contains("method dgc", Refusal("\"mavo\", \"batches\"", "\"dgc\", \"batches\""), StringComparison.Ordinal);

        string Refusal(string was, string now) =>
            Assert.Throws<SettingsException>(() => Run(File.Replace(was, now, StringComparison.Ordinal))).Message;
    }

    [Fact]
    public void A_torn_file_is_made_again_with_a_note()
    {
        Run(SampleResults.Glyphs);
        var torn = Directory.GetFiles(Out, "g-lion-n2-s1*.json").Single();
        var whole = File.ReadAllText(torn);
        foreach (var bad in new[] { whole[..(whole.Length / 2)], "", "null", "{}", "[]", "{\"said\": \"{}\", \"result\": {}}",
            "{\"said\": \"?\", \"result\": {}}",
            "{\"said\": \"{\\\"learningRate\\\": {}}\"}",
            whole.Replace("\"workers\": 2", "\"workers\": 3", StringComparison.Ordinal),
            whole[..whole.IndexOf("\"points\"", StringComparison.Ordinal)] + "\"points\": [null] } }" })
        {
            File.WriteAllText(torn, bad);
            var (code, text) = Run(SampleResults.Glyphs, report: true);
            Assert.Equal(ExitCode.Done, code);
            Assert.Contains($"{torn}: ", text, StringComparison.Ordinal);
            Assert.Contains("the run counts as missing", text, StringComparison.Ordinal);
            Assert.Contains("0 of 2 runs for learning rates, 1 of 10 that are compared", text, StringComparison.Ordinal);
        }
        Assert.Equal(ExitCode.Done, Run(SampleResults.Glyphs).Code);
        Assert.Contains("\"steps\"", File.ReadAllText(torn), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_trains_nothing_and_says_what_is_missing()
    {
        var (code, text) = Run(SampleResults.Glyphs, report: true);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("missing: 2 of 2 runs for learning rates, 10 of 10 that are compared", text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Out, "*.json"));

        Run(SampleResults.Glyphs);
        Directory.GetFiles(Out, "mavo-n2-s1-lr0.003*.json").ToList().ForEach(File.Delete);
        (code, text) = Run(SampleResults.Glyphs, report: true);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("missing: 1 of 2 runs for learning rates", text, StringComparison.Ordinal);
        foreach (var name in new[] { "summary.csv", "curves.csv", "grid.csv", "report.md", "accuracy-over-epochs-2.svg",
            "loss-over-bytes.svg" })
            Assert.Contains(name, Directory.GetFiles(Out).Select(Path.GetFileName));
        var report = File.ReadAllText(Path.Combine(Out, "report.md"));
        Assert.Contains("| one N | 4 | 2 | 0.001 | 3.50 |", report, StringComparison.Ordinal);
        Assert.Contains("| mavo | 2 | **0.001: ", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_number_of_workers_takes_the_rate_that_its_own_grid_came_to()
    {
        var settings = SampleResults.Settings(folder,
            SampleResults.Glyphs.Replace("\"gridWorkers\": 2", "\"gridWorkers\": [8, 4, 2]", StringComparison.Ordinal));
        Assert.Equal([2, 4, 8], settings.GridWorkers);
        Assert.Equal([2, 2, 4, 4, 8, 8], new[] { 1, 3, 4, 7, 8, 100 }.Select(settings.GridFor));
        Assert.Equal([(2, 0.001f), (2, 0.003f), (4, 0.001f), (4, 0.003f)],
            settings.Grid(new TrainingSplit(400, ""), []).Select(run => (run.Workers, run.Training.LearningRate)));

        RunResult[] tried = [SampleResults.Result("mavo", 2, 1, 0.001, 0.6), SampleResults.Result("mavo", 2, 1, 0.003, 0.5),
            SampleResults.Result("mavo", 4, 1, 0.001, 0.5), SampleResults.Result("mavo", 4, 1, 0.003, 0.6)];
        Assert.Equal([(2, 0.001f), (2, 0.001f), (4, 0.003f), (4, 0.003f)],
            settings.Runs(new TrainingSplit(400, ""), tried).Where(run => run.Series == "mavo")
                .Select(run => (run.Workers, run.Training.LearningRate)));
        Assert.Equal([2], settings.Runs(new TrainingSplit(400, ""), tried[..2]).Where(run => run.Series == "mavo")
            .Select(run => run.Workers).Distinct());
    }

    [Fact]
    public void Each_number_of_workers_looks_for_its_own_rate_and_seeds_are_three_unless_the_file_says_otherwise()
    {
        var settings = SampleResults.Settings(folder, SampleResults.Glyphs
            .Replace("\"gridWorkers\": 2, \"gridBeyond\": 0,", "", StringComparison.Ordinal)
            .Replace("\"seeds\": [1, 2], ", "", StringComparison.Ordinal));
        Assert.Equal([2, 4], settings.GridWorkers);
        Assert.Equal([(2, 0.001f), (2, 0.003f), (4, 0.001f), (4, 0.003f)],
            settings.Grid(new TrainingSplit(400, ""), []).Select(run => (run.Workers, run.Training.LearningRate)));
        RunResult[] tried = [SampleResults.Result("mavo", 2, 1, 0.001, 0.6), SampleResults.Result("mavo", 2, 1, 0.003, 0.5),
            SampleResults.Result("mavo", 4, 1, 0.001, 0.5), SampleResults.Result("mavo", 4, 1, 0.003, 0.6)];
        Assert.Equal(
            [(2, 1UL, 0.001f), (2, 2UL, 0.001f), (2, 3UL, 0.001f), (4, 1UL, 0.003f), (4, 2UL, 0.003f), (4, 3UL, 0.003f)],
            settings.Runs(new TrainingSplit(400, ""), tried).Where(run => run.Series == "mavo")
                .Select(run => (run.Workers, run.Training.Seed, run.Training.LearningRate)));
    }

    [Fact]
    public void The_rate_that_is_best_on_the_validation_part_is_taken_whatever_the_test_part_says()
    {
        var settings = SampleResults.Settings(folder);
        RunResult[] tried =
        [
            SampleResults.Result("mavo", 2, 1, 0.0003, accuracy: 0.4, validation: 0.3),
            SampleResults.Result("mavo", 2, 1, 0.001, accuracy: 0.4, validation: 0.6),
            SampleResults.Result("mavo", 2, 1, 0.003, accuracy: 0.9, validation: 0.5),
        ];
        Assert.All(settings.Runs(new TrainingSplit(360, ""), tried).Where(run => run.Series == "mavo"),
            run => Assert.Equal(0.001f, run.Training.LearningRate));
        new CompareTables(settings, folder.Path).Grid(tried);
        Assert.Contains("mavo,2,1,0.003,2,0.5", File.ReadAllText(folder.File("grid.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenth_of_the_training_part_is_validated_on_and_the_rest_alone_trained_on()
    {
        Run(SampleResults.Glyphs);
        var stored = File.ReadAllText(Directory.GetFiles(Out, "mavo-n2-s1*.json")[0]);
        Assert.Contains("\"samples\": 40,", stored, StringComparison.Ordinal);
        Assert.Contains("\"steps\": 18,", stored, StringComparison.Ordinal); // one epoch of 360 samples, 20 at a time
        Assert.Contains("missing: 2 of 2", Run(SampleResults.Glyphs
            .Replace("\"epochs\": 1", "\"epochs\": 1, \"validation\": 0.2",
            StringComparison.Ordinal), report: true).Text, StringComparison.Ordinal);
        Assert.Contains("The last 20 % of the training part", File.ReadAllText(Path.Combine(Out, "report.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_grid_whose_best_rate_is_at_its_edge_grows_and_a_second_start_takes_the_results_of_that_too()
    {
        var text = SampleResults.Glyphs.Replace("\"gridBeyond\": 0", "\"gridBeyond\": 1", StringComparison.Ordinal);
        Assert.Contains("missing: 2 of 2", Run(text, report: true).Text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, Run(text).Code);
        string[] grid = File.ReadAllLines(Path.Combine(Out, "grid.csv"));
        Assert.Equal(4, grid.Length); // of two rates, the best is always at an edge
        Assert.Contains(grid[2].Split(',')[3], new[] { "0.001", "0.003" });
        var first = Made();
        Assert.DoesNotContain("missing", Run(text).Text, StringComparison.Ordinal);
        Assert.Equal(first, Made());
    }

    [Fact]
    public void A_clip_in_common_is_that_of_every_series_and_different_ones_are_named()
    {
        var common = SampleResults.Glyphs.Replace("\"batch\": 10", "\"batch\": 10, \"gradientClip\": 1",
            StringComparison.Ordinal);
        var settings = SampleResults.Settings(folder, common);
        Assert.All(settings.Runs(new TrainingSplit(360, ""), []), run => Assert.Equal(1, run.Training.GradientClip));
        Assert.Null(settings.UnequalClips);
        Run(common, report: true);
        Assert.Contains("gradientClip is 1 for all series", File.ReadAllText(Path.Combine(Out, "report.md")),
            StringComparison.Ordinal);
        var (_, text) = Run(common.Replace("\"method\": \"g-lion\",", "\"method\": \"g-lion\", \"gradientClip\": 0.5,",
            StringComparison.Ordinal), report: true);
        Assert.Contains("gradientClip differs, so these series are not compared alike: mavo 1, g-lion 0.5, one N 1", text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"name\": \"made-up\"", "\"name\": 5", "compare.json: name: found 5; allowed is a text")]
    [InlineData("\"name\": \"made-up\"", "\"name\": \"a/b\"",
        "compare.json: name: found \"a/b\"; allowed are 1 to 64 characters of A–Z")]
    [InlineData("\"method\": \"mavo\"", "\"method\": 5", "compare.json: series[0].method: found 5; allowed is a text")]
    [InlineData("\"name\": \"one N\"", "\"name\": [1]", "compare.json: series[2].name: found [1]; allowed is a text")]
    [InlineData("\"method\": \"g-lion\", ", "", "compare.json: series[1].name: missing; required is a text")]
    [InlineData("\"batch\": 10", "\"batch\": 10, \"batch\": 11", "compare.json: common.batch: the field appears twice")]
    [InlineData("\"batch\": 10", "\"globalBatch\": 10", "compare.json: common.globalBatch: unknown field")]
    [InlineData("\"batch\": 10", "\"seed\": 10", "compare.json: common.seed: unknown field; did you mean")]
    [InlineData("\"workers\": 4 }", "\"exchange\": \"direct\" }", "compare.json: series[2].exchange: unknown field")]
    [InlineData("[0.001, 0.003]", "1e400",
        "compare.json: series[0].learningRate: found 1e400; allowed is a number above 0 to 1, or a list of different ones")]
    [InlineData("[0.001, 0.003]", "[0.001, 0.001]", "compare.json: series[0].learningRate: found [0.001, 0.001]; allowed is")]
    [InlineData("\"seeds\": [1, 2]", "\"seeds\": [1, 1]",
        "compare.json: seeds: found [1, 1]; allowed is a whole number from 0 to 18446744073709551615, or a list of "
            + "different ones")]
    [InlineData("\"epochs\": 1", "\"epochs\": 1, \"validation\": 0",
        "validation: found 0; allowed is a number above 0 and below 1")]
    [InlineData("\"seeds\": [1, 2]", "\"seeds\": 1.5", "compare.json: seeds: found 1.5; allowed is")]
    [InlineData("\"workers\": [2, 4]", "\"workers\": {}",
        "compare.json: workers: found {}; allowed is a whole number from 1 to 256")]
    [InlineData("\"workers\": 4 }", "\"workers\": 0 }",
        "compare.json: series[2].workers: found 0; allowed is a whole number from 1 to 256")]
    [InlineData("\"method\": \"g-lion\"", "\"method\": \"g-lion\", \"ties\": \"zero\"",
        "series \"g-lion\": ties: found zero with method g-lion; allowed with it are mavo, signsgd, signum")]
    [InlineData("\"method\": \"avg\"", "\"method\": \"avg\", \"accumulate\": 65536, \"localSteps\": 65536",
        "series \"one N\": localSteps: found 65536 with accumulate 65536; allowed are at most 1000000")]
    [InlineData("\"method\": \"avg\"", "\"method\": \"avg\", \"warmup\": 1.5",
        "compare.json: series[2].warmup: found 1.5; allowed is a number from 0 to 1")]
    [InlineData("\"method\": \"avg\"", "\"method\": \"avg\", \"partition\": null",
        "compare.json: series[2].partition: found null; allowed is a text")]
    public void What_is_wrong_is_named_at_the_start(string right, string wrong, string error)
    {
        Assert.Contains(right, SampleResults.Glyphs, StringComparison.Ordinal);
        var thrown = Assert.Throws<SettingsException>(
            () => SampleResults.Settings(folder, SampleResults.Glyphs.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(error, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"width\": 8, \"depth\": 1", "\"width\": 65536, \"depth\": 64", "compare.json: model: the network has")]
    [InlineData("\"method\": \"avg\"", "\"method\": \"avg\", \"localSteps\": 10",
        "compare.json: series[2]: one step of 4 workers takes 400 samples, more than the 360 of the whole run (set by epochs)")]
    [InlineData("\"workers\": 4 }", "\"workers\": [1, 2], \"partition\": \"by-class\" }",
        "compare.json: series[2].workers: found 1 with partition by-class")]
    public void What_cannot_be_with_the_data_is_named_before_any_run(string right, string wrong, string error)
    {
        Assert.Contains(right, SampleResults.Glyphs, StringComparison.Ordinal);
        Assert.Contains(error,
            Assert.Throws<SettingsException>(() =>
                Run(SampleResults.Glyphs.Replace(right, wrong, StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void Results_from_other_samples_or_other_evaluations_are_not_taken()
    {
        Run(SampleResults.Glyphs);
        foreach (var (right, wrong) in new[]
        {
            ("\"trainCount\": 400", "\"trainCount\": 401"), ("\"evaluations\": 2", "\"evaluations\": 3"),
        })
            Assert.Contains("missing: 2 of 2 runs for learning rates, 10 of 10",
                Run(SampleResults.Glyphs.Replace(right, wrong, StringComparison.Ordinal), report: true).Text,
                StringComparison.Ordinal);
        Assert.DoesNotContain("missing", Run(SampleResults.Glyphs, report: true).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_at_a_time_has_the_folder()
    {
        Directory.CreateDirectory(Out);
        using (new FolderLock(Out))
            Assert.Contains("another process writes there",
                Assert.Throws<CheckpointException>(() => Run(SampleResults.Glyphs)).Message, StringComparison.Ordinal);
        File.WriteAllText(folder.File("file"), "");
        File.WriteAllText(folder.File("compare.json"), SampleResults.Glyphs);
        var into = new CompareOptions { File = folder.File("compare.json"), Device = "cpu", Out = folder.File("file"), Jobs = 1 };
        Assert.Contains("--out: found",
            Assert.Throws<UsageException>(() =>
                new Comparison(into, TextWriter.Null, TextWriter.Null, new(TextWriter.Null, null, TimeProvider.System),
                    TimeProvider.System).Run(default)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"gridWorkers\": 2.5",
        "gridWorkers: found 2.5; allowed is a whole number from 1 to 256, or a list of different ones")]
    [InlineData("\"gridWorkers\": [2, 257]", "gridWorkers: found [2, 257]; allowed is a whole number from 1 to 256, or a list")]
    [InlineData("\"gridWorkers\": []", "gridWorkers: found []; allowed is")]
    public void Numbers_of_workers_are_whole(string said, string error)
    {
        var wrong = SampleResults.Glyphs.Replace("\"gridWorkers\": 2", said, StringComparison.Ordinal);
        Assert.Contains(error, Assert.Throws<SettingsException>(() => SampleResults.Settings(folder, wrong)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_stopped_leaves_a_report_too()
    {
        var (code, text) = Run(SampleResults.Glyphs, stop: new CancellationToken(canceled: true));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("missing: 2 of 2", text, StringComparison.Ordinal);
        Assert.Contains("stopped; the same command continues from here", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Out, "report.md")));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("mavo")]
    public void A_series_needs_a_name_of_its_own_that_a_file_may_have(string name)
    {
        var wrong = SampleResults.Glyphs.Replace("one N", name, StringComparison.Ordinal);
        Assert.Contains($".name: found \"{name}\"; allowed are",
            Assert.Throws<SettingsException>(() => SampleResults.Settings(folder, wrong)).Message, StringComparison.Ordinal);
    }
}
