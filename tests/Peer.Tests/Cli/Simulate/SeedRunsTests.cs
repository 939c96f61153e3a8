using System.Text.Json;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Simulate;

namespace DecentralizedLion.Peer.Tests.Cli.Simulate;

public sealed class SeedRunsTests
{
    [Fact]
    public void The_JSON_has_the_numbers_of_the_text_and_nothing_beside_it()
    {
        var (text, _) = Run(new SimulateOptions { FirstSeed = 1, LastSeed = 2, Peers = 2 });
        var (json, error) = Run(new SimulateOptions { FirstSeed = 1, LastSeed = 2, Peers = 2, Verbose = true, Json = true });
        var summary = JsonDocument.Parse(json).RootElement;
        Assert.Equal((2, 2, 0), (summary.GetProperty("seeds").GetInt32(), summary.GetProperty("done").GetInt32(),
            summary.GetProperty("failed").GetArrayLength()));
        Assert.StartsWith("2 of 2 seeds in ", text);
        var counts = summary.GetProperty("counts");
        foreach (var name in new[] { "steps", "crashes", "retries", "frames" })
            Assert.Contains(FormattableString.Invariant($"{counts.GetProperty(name).GetInt64():N0} {name}"), text);
        Assert.Contains("seed 1: ok, 2 peers", error);
    }

    [Fact]
    public void The_last_seed_of_all_ends_the_run()
    {
        const int last = int.MaxValue;
        var (json, _) = Run(new SimulateOptions { FirstSeed = last - 1, LastSeed = last, Peers = 2, Json = true });
        var summary = JsonDocument.Parse(json).RootElement;
        Assert.Equal((2, 2), (summary.GetProperty("seeds").GetInt32(), summary.GetProperty("done").GetInt32()));
    }

    static (string Output, string Error) Run(SimulateOptions options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCode.Done, new SeedRuns(options, output, error, new(error, null, TimeProvider.System),
            TimeProvider.System).Run(default));
        return (output.ToString(), error.ToString());
    }
}
