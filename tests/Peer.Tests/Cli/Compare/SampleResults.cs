using DecentralizedLion.Models;
using DecentralizedLion.Peer.Cli.Compare;

namespace DecentralizedLion.Peer.Tests.Cli.Compare;

/// <summary>A comparison and its results without any training.</summary>
static class SampleResults
{
    /// <summary>Three series: one with a grid of two rates, one with one rate, one with one number of workers.</summary>
    public const string Glyphs = """
        { "name": "made-up", "model": { "kind": "mlp", "width": 8, "depth": 1 },
          "data": { "kind": "glyphs", "trainCount": 400, "testCount": 50 },
          "epochs": 1, "evaluations": 2, "workers": [2, 4], "seeds": [1, 2], "gridWorkers": 2, "gridBeyond": 0,
          "common": { "batch": 10 },
          "series": [ { "method": "mavo", "learningRate": [0.001, 0.003] }, { "method": "g-lion", "learningRate": 0.001 },
                      { "name": "one N", "method": "avg", "learningRate": 0.001, "workers": 4 } ] }
        """;

    public static CompareSettings Settings(TemporaryFolder folder, string text = Glyphs)
    {
        File.WriteAllText(folder.File("compare.json"), text);
        return CompareSettings.Read(folder.File("compare.json"), folder.Path);
    }

    /// <summary>The same number of a run's accuracy every time; on the validation part as on the test part, unless
    /// given.</summary>
    public static RunResult Result(string series, int workers, ulong seed, double rate = 0.001, double accuracy = 0.5,
        double? validation = null) =>
        new(series, workers, seed, rate, 40, 1000, workers * series.Length / 4.0, 1.5,
            new Evaluation(3 - (2 * (validation ?? accuracy)), validation ?? accuracy, 50, 50),
            [Point(20, 0.5, accuracy / 2, seed), Point(40, 1, accuracy, seed)]);

    static EvaluationPoint Point(long step, double epoch, double accuracy, ulong seed) =>
        new(step, epoch, 2, 3 - (2 * accuracy) + (0.05 * seed), accuracy + (0.01 * seed), 1000 * step);

    /// <summary>All runs of some series.</summary>
    public static RunResult[] Results(IEnumerable<string> names, int[] workers, ulong[] seeds) =>
        [.. from name in names from n in workers from seed in seeds select Result(name, n, seed)];
}
