using System.Text.Json;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Compare;

namespace DecentralizedLion.Peer.Tests.Cli.Compare;

public sealed class CompareReportTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_JSON_has_the_numbers_of_the_tables_and_nothing_beside_it()
    {
        var (json, error) = Run();
        Assert.Contains("  10 of 10  ", error); // a line for each run
        var report = JsonDocument.Parse(json).RootElement;
        Assert.Equal((2, 0, 10, 0), (Count("learningRateRuns", "all"), Count("learningRateRuns", "missing"),
            Count("comparedRuns", "all"), Count("comparedRuns", "missing")));
        var summary = Table("summary.csv");
        JsonElement[] results = [.. report.GetProperty("results").EnumerateArray()];
        Assert.Equal(summary.Length, results.Length);
        foreach (var (row, result) in summary.Zip(results))
            Assert.Equal(row, Line(result.GetProperty("series"), result.GetProperty("workers"), result.GetProperty("seeds"),
                result.GetProperty("learningRate"), result.GetProperty("steps"), result.GetProperty("bitsPerParameter"),
                result.GetProperty("bytesSent"), result.GetProperty("loss").GetProperty("mean"),
                result.GetProperty("loss").GetProperty("deviation"), result.GetProperty("accuracy").GetProperty("mean"),
                result.GetProperty("accuracy").GetProperty("deviation"), result.GetProperty("seconds")));
        Assert.Equal(Table("grid.csv"), report.GetProperty("learningRates").EnumerateArray().Select(rate =>
            Line(rate.GetProperty("series"), rate.GetProperty("workers"), rate.GetProperty("seed"),
                rate.GetProperty("learningRate"), rate.GetProperty("validationLoss"), rate.GetProperty("validationAccuracy"))));
        Assert.All(report.GetProperty("files").EnumerateArray(), file => Assert.True(File.Exists(file.GetString())));

        int Count(string runs, string name) => report.GetProperty(runs).GetProperty(name).GetInt32();
    }

    static string Line(params JsonElement[] values) => string.Join(',', values.Select(value =>
        value.ValueKind == JsonValueKind.String ? value.GetString()
            : FormattableString.Invariant($"{value.GetDouble():G6}")));

    string[] Table(string name) => File.ReadAllLines(Path.Combine(folder.File("out"), name))[1..];

    (string Output, string Error) Run()
    {
        File.WriteAllText(folder.File("compare.json"), SampleResults.Glyphs);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = new CompareOptions
        {
            File = folder.File("compare.json"),
            Device = "cpu",
            Out = folder.File("out"),
            Jobs = 1,
            Json = true,
        };
        Assert.Equal(ExitCode.Done, new Comparison(options, output, error, new(error, null, TimeProvider.System),
            TimeProvider.System).Run(default));
        return (output.ToString(), error.ToString());
    }
}
