using DecentralizedLion.Peer.Cli.Compare;

namespace DecentralizedLion.Peer.Tests.Cli.Compare;

public sealed class LearningRateGridTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The result of a rate is the better the nearer it is to the best one.</summary>
    static IReadOnlyList<double> Grid(double best, params double[] rates) => LearningRateGrid.Of(rates, 4,
        tried => (float)tried.MinBy(rate => Math.Abs(Math.Log(rate / best))));

    [Fact]
    public void A_grid_grows_beyond_its_edge_until_the_best_rate_is_inside()
    {
        Assert.Equal([0.001, 0.003, 0.01], Grid(0.003, 0.003, 0.01, 0.001));
        Assert.Equal([0.0003, 0.001, 0.003, 0.009], Grid(0.0029, 0.0003, 0.001, 0.003));
        Assert.Equal([0.000075, 0.00015, 0.0003, 0.0006], Grid(0.00015, 0.0003, 0.0006));
        Assert.Equal([0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064], Grid(0.9, 0.001, 0.002, 0.004));
        Assert.Equal([0.1, 0.3, 0.9], Grid(1, 0.1, 0.3));
        Assert.Equal([0.001], Grid(1, 0.001));
        Assert.Equal([0.001, 0.002], LearningRateGrid.Of([0.002, 0.001], 0, _ => 0.001));
    }

    [Fact]
    public void It_waits_for_the_results_of_all_its_rates() =>
        Assert.Equal([0.001, 0.003], LearningRateGrid.Of([0.003, 0.001], 4, _ => null));

    [Fact]
    public void Each_number_of_workers_has_a_grid_of_its_own_and_a_search_ends_with_all_results()
    {
        var settings = SampleResults.Settings(folder,
            SampleResults.Glyphs.Replace("\"gridWorkers\": 2, \"gridBeyond\": 0,", "", StringComparison.Ordinal));
        var asked = new List<string>();
        var (runs, results) = RateSearch.Of(settings, new TrainingSplit(360, ""), some =>
        {
            asked.AddRange(some.Select(run => run.Key));
            return [.. some.Select(run => SampleResults.Result("mavo", run.Workers, 1, run.Training.LearningRate, 0.5,
                run.Workers == 2 ? 0.5 - Math.Abs(run.Training.LearningRate - 0.009) : 0.5 - run.Training.LearningRate))];
        });
        Assert.Equal(asked.Distinct(), asked);
        Assert.Equal(runs.Count, results.Count);
        Assert.Equal([0.001f, 0.003f, 0.009f, 0.027f], Rates(2));
        Assert.Equal([0.000012f, 0.000037f, 0.00011f, 0.00033f, 0.001f, 0.003f], Rates(4));

        float[] Rates(int workers) =>
            [.. runs.Where(run => run.Workers == workers).Select(run => run.Training.LearningRate)];
    }

    [Fact]
    public void A_series_may_have_a_warm_up_of_its_own()
    {
        var split = new TrainingSplit(360, "");
        RunSpec[] before = [.. SampleResults.Settings(folder).Runs(split, [])];
        RunSpec[] after = [.. SampleResults.Settings(folder, SampleResults.Glyphs.Replace("\"method\": \"g-lion\",",
            "\"method\": \"g-lion\", \"warmup\": 0.5,", StringComparison.Ordinal)).Runs(split, [])];
        Assert.Equal(before.Length, after.Length);
        Assert.Contains(after, run => run.Series == "g-lion");
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First.Series == "g-lion", pair.First.Key != pair.Second.Key));
        Assert.All(after.Where(run => run.Series == "g-lion"),
            run => Assert.Equal(run.Training.Steps / 2, run.Training.Warmup));
    }

    [Fact]
    public void A_missing_result_ends_the_search_with_those_there_are()
    {
        var (runs, results) = RateSearch.Of(SampleResults.Settings(folder), new TrainingSplit(360, ""),
            some => [null, .. some.Skip(1).Select(run => SampleResults.Result("mavo", 2, 1, run.Training.LearningRate))]);
        Assert.Equal((2, 1), (runs.Count, results.Count));
    }
}
