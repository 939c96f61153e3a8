using System.Text.RegularExpressions;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Compare.Charts;
using OxyPlot;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>
/// The results as charts (SVG): the measure over epochs for each number of workers, over the number of workers, over bits per
/// parameter and step, and the loss over bytes. A series looks the same in all of them.
/// </summary>
static partial class CompareCharts
{
    /// <summary>Writes the charts that the results are enough for.</summary>
    /// <returns>The files; charts of an earlier report that are not among them are deleted.</returns>
    public static IReadOnlyList<string> Write(CompareSettings settings, string folder, IReadOnlyList<RunResult> results)
    {
        var files = new List<string>();
        if (results.Count == 0)
            return files;
        Directory.CreateDirectory(folder);
        WriteAll(settings, folder, results, files);
        foreach (var old in Directory.GetFiles(folder).Where(file => Names().IsMatch(Path.GetFileName(file))).Except(files))
            File.Delete(old);
        return files;
    }

    /// <summary>The names that <see cref="WriteAll"/> gives.</summary>
    [GeneratedRegex(@"^((accuracy|loss)-over-(epochs-\d+|workers)|(error|loss)-over-bits|loss-over-bytes)\.svg$")]
    private static partial Regex Names();

    static void WriteAll(CompareSettings settings, string folder, IReadOnlyList<RunResult> results, List<string> files)
    {
        var (names, comparisonMetric) = (settings.Names, settings.ComparisonMetric);
        var byWorkers = results.GroupBy(run => run.Workers).OrderBy(same => same.Key)
            .Select(same => (Workers: same.Key, Course: new CourseChart(names, [.. same]))).ToArray();
        var final = new FinalChart(names, SeriesSummary.Of(names, results), comparisonMetric);
        foreach (var (workers, course) in byWorkers)
            Add($"{comparisonMetric.Name}-over-epochs-{workers}.svg", course.OverEpochs(comparisonMetric));
        Add($"{comparisonMetric.Name}-over-workers.svg", final.OverWorkers());
        Add($"{(comparisonMetric.IsLoss ? comparisonMetric.Name : "error")}-over-bits.svg", final.OverBits());
        Add("loss-over-bytes.svg",
            byWorkers.Select(one => one.Course.OverBytes(comparisonMetric)).FirstOrDefault(chart => chart is not null));

        void Add(string name, PlotModel? model)
        {
            if (model is null)
                return;
            var path = Path.Combine(folder, name);
            using var file = new AtomicFile(path);
            file.Write(SvgFile.Of(model));
            file.Commit();
            files.Add(path);
        }
    }
}
