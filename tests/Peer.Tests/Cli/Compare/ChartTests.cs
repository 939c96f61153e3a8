using System.Xml.Linq;
using DecentralizedLion.Peer.Cli.Compare;

namespace DecentralizedLion.Peer.Tests.Cli.Compare;

public sealed class ChartTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    const string Nine = """
        { "name": "nine", "model": { "kind": "mlp" }, "data": { "kind": "glyphs" }, "epochs": 1,
          "workers": [2, 4, 8, 16], "seeds": [1, 2, 3],
          "series": [ { "method": "mavo", "learningRate": 0.001 }, { "method": "avg", "learningRate": 0.001 },
            { "method": "g-lion", "learningRate": 0.001 },
            { "method": "g-adamw", "learningRate": 0.001 }, { "method": "signsgd", "learningRate": 0.001 },
            { "method": "signum", "learningRate": 0.001 },
            { "method": "terngrad", "learningRate": 0.001 }, { "method": "graddrop", "learningRate": 0.001 },
            { "method": "dgc", "learningRate": 0.001 } ] }
        """;

    static string[] Names(IEnumerable<string> files) => [.. files.Select(file => Path.GetFileName(file)!)];

    static XElement Svg(string file) => XElement.Load(file);

    static string[] Texts(XElement svg) =>
        [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

    /// <summary>Lines of a chart that are drawn in a series' way, by how many points they have; axes and gridlines have
    /// two.</summary>
    static int[] Lines(XElement svg) => [.. svg.Descendants().Where(element => element.Name.LocalName == "polyline"
        && element.Attribute("style")!.Value.Contains("stroke-width:1.8", StringComparison.Ordinal))
        .Select(element => element.Attribute("points")!.Value.Split(' ').Length)];

    [Fact]
    public void Every_chart_is_written_with_every_series_in_its_legend()
    {
        var settings = SampleResults.Settings(folder, Nine);
        var files = CompareCharts.Write(settings, folder.Path, SampleResults.Results(settings.Names, [2, 4, 8, 16], [1, 2, 3]));
        Assert.Equal(["accuracy-over-epochs-2.svg", "accuracy-over-epochs-4.svg", "accuracy-over-epochs-8.svg",
            "accuracy-over-epochs-16.svg",
            "accuracy-over-workers.svg", "error-over-bits.svg", "loss-over-bytes.svg"], Names(files));
        foreach (var file in files)
        {
            var texts = Texts(Svg(file));
            Assert.All(settings.Names, name => Assert.Contains(name, texts));
            Assert.InRange(new FileInfo(file).Length, 1000, 80_000);
        }
        Assert.Equal(9, Lines(Svg(folder.File("accuracy-over-workers.svg"))).Count(points => points == 4));
        Assert.Contains("test accuracy (%)", Texts(Svg(files[0])));
        Assert.Contains("epochs", Texts(Svg(files[0])));
        Assert.Contains("sent by each peer", Texts(Svg(files[^1])));
        var labels = Svg(folder.File("error-over-bits.svg")).Descendants()
            .Where(element => element.Attribute("font-size")?.Value == "11").Select(element => element.Value);
        Assert.Equal(["2 × 9", "4 × 9", "8 × 9", "16 × 9"],
            labels.GroupBy(text => text).Select(same => $"{same.Key} × {same.Count()}"));
    }

    [Fact]
    public void Equal_results_make_equal_bytes()
    {
        var settings = SampleResults.Settings(folder);
        var results = SampleResults.Results(["mavo", "g-lion"], [2, 4], [1, 2]);
        var first = CompareCharts.Write(settings, folder.File("a"), results);
        var second = CompareCharts.Write(settings, folder.File("b"), results);
        Assert.All(first.Zip(second), pair => Assert.Equal(File.ReadAllBytes(pair.First), File.ReadAllBytes(pair.Second)));
    }

    [Fact]
    public void What_is_not_there_is_not_drawn()
    {
        var settings = SampleResults.Settings(folder);
        Assert.Empty(CompareCharts.Write(settings, folder.Path, []));
        var files = CompareCharts.Write(settings, folder.Path, SampleResults.Results(["one N"], [4], [1]));
        Assert.Equal(["accuracy-over-epochs-4.svg", "error-over-bits.svg", "loss-over-bytes.svg"], Names(files));
        Assert.DoesNotContain("mavo", Texts(Svg(files[0])));
    }

    [Fact]
    public void A_run_that_went_astray_leaves_the_others_readable()
    {
        var settings = SampleResults.Settings(folder);
        var astray = SampleResults.Result("g-lion", 2, 1) with
        {
            Points = [new(20, 0.5, double.NaN, double.NaN, 0.1, 20_000), new(40, 1, 900, 900, 0.1, 40_000)],
        };
        var files = CompareCharts.Write(settings, folder.Path,
            [SampleResults.Result("mavo", 2, 1), SampleResults.Result("avg", 2, 1), astray]);
        Assert.DoesNotContain("NaN", File.ReadAllText(files[^1]), StringComparison.Ordinal);
        Assert.DoesNotContain("800", Texts(Svg(files[^1])));
    }

    [Fact]
    public void Tokens_are_judged_by_their_loss()
    {
        var settings = SampleResults.Settings(folder,
            SampleResults.Glyphs.Replace("\"kind\": \"mlp\", \"width\": 8, \"depth\": 1", "\"kind\": \"gpt\"",
                StringComparison.Ordinal)
            .Replace("\"kind\": \"glyphs\", \"trainCount\": 400, \"testCount\": 50", "\"kind\": \"text\"",
                StringComparison.Ordinal));
        var files = CompareCharts.Write(settings, folder.Path, SampleResults.Results(["mavo"], [2, 4], [1, 2]));
        Assert.Equal(["loss-over-epochs-2.svg", "loss-over-epochs-4.svg", "loss-over-workers.svg", "loss-over-bits.svg",
            "loss-over-bytes.svg"], Names(files));
        Assert.Contains("test loss (nats per token)", Texts(Svg(files[0])));
        RunResult[] tried = [SampleResults.Result("mavo", 2, 1, rate: 0.1, accuracy: 0.6),
            SampleResults.Result("mavo", 2, 1, rate: 0.2, accuracy: 0.59)];
        tried[1] = tried[1] with { Validation = tried[1].Validation with { Loss = 0.1 } };
        Assert.Equal(0.2, settings.ComparisonMetric.BestRate("mavo", 2, tried));
        Assert.Equal(0.1, new ComparisonMetric(IsLoss: false).BestRate("mavo", 2, tried));
        RunResult astray = SampleResults.Result("mavo", 2, 1, rate: 0.3, accuracy: 0.9);
        astray = astray with { Validation = astray.Validation with { Loss = double.NaN } };
        Assert.All(new[] { false, true },
            isLoss => Assert.NotEqual(0.3, new ComparisonMetric(isLoss).BestRate("mavo", 2, [.. tried, astray])));
        Assert.Null(settings.ComparisonMetric.BestRate("avg", 2, tried));
    }
}
