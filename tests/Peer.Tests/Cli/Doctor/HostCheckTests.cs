using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;

namespace DecentralizedLion.Peer.Tests.Cli.Doctor;

public class HostCheckTests
{
    sealed class Showing(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    static TrainingSettings Settings(string more = "") => TrainingSettings.Read(SettingsReader.Parse(
        $$"""{ "run": "r", "steps": 1000, "learningRate": 0.001 {{more}} }""", "peers.json"));

    [Theory]
    [InlineData(1970, CheckStatus.Warning)]
    [InlineData(2024, CheckStatus.Warning)]
    [InlineData(2027, CheckStatus.Ok)]
    [InlineData(2199, CheckStatus.Warning)]
    internal void A_date_that_cannot_be_right_is_warned_of(int year, CheckStatus status)
    {
        var result = HostChecks.Clock(new Showing(new(year, 5, 6, 7, 8, 9, TimeSpan.Zero)));
        Assert.Equal(status, result.Status);
        Assert.StartsWith($"{year}-05-06 07:08:09 UTC", result.Text);
    }

    [Fact]
    public void Clocks_are_compared_with_those_that_answered()
    {
        string[] names = ["a", "b", "c"];
        LinkDiagnosis Ahead(int peer, double seconds) =>
            new(peer) { RoundTrip = TimeSpan.FromMilliseconds(10), ClockAhead = TimeSpan.FromSeconds(seconds) };
        Assert.Null(HostChecks.Clocks([new(1), new(2)], names));
        Assert.Equal(CheckResult.Ok("clocks", "within 12 ms of b"), HostChecks.Clocks([Ahead(1, -0.012), new(2)], names));
        var off = HostChecks.Clocks([Ahead(1, 0.012), Ahead(2, -3600)], names)!;
        Assert.Equal((CheckStatus.Warning, "that of c is 3600 s behind"), (off.Status, off.Text));
    }

    [Fact]
    public void A_folder_is_tried_and_nothing_is_left_in_it()
    {
        using var place = new TemporaryFolder();
        var result = HostChecks.Disk(Path.Combine(place.Path, "runs", "r", "a"), Settings(), 1000, TimeProvider.System);
        Assert.True(result.Status != CheckStatus.Failed, result.Text);
        Assert.Contains("free, a sync takes", result.Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_and_a_model_without_room_fail()
    {
        using var place = new TemporaryFolder();
        Assert.Equal(CheckStatus.Failed, HostChecks.Disk("/proc/nowhere", Settings(), 1000, TimeProvider.System).Status);
        var result = HostChecks.Disk(place.Path, Settings(), 1L << 50, TimeProvider.System);
        Assert.Equal(CheckStatus.Failed, result.Status);
        Assert.Contains("a run keeps about", result.Text);
    }

    [Fact]
    public void What_a_run_keeps_is_checkpoints_with_momentum_and_a_journal()
    {
        Assert.Equal(3 * (8 * 8000 + 1000) + 600 * (1000 + 256), HostChecks.Need(Settings(), 8000));
        Assert.Equal(3 * (8 * 8000 + 1000) + 1000 * (1000 + 256), HostChecks.Need(Settings(""", "checkpointEvery": 0"""), 8000));
    }

    [Theory]
    [InlineData("mkl", "/opt/torch/lib/libtorch_cpu.so", "MKL")]
    [InlineData("open", "/opt/torch/lib/libtorch_cpu.so", "OpenBLAS")]
    [InlineData("generic", "/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", "OpenBLAS")]
    [InlineData(null, "/opt/torch/lib/mkl_core.2.dll", "MKL")]
    [InlineData(null, "/opt/torch/lib/libtorch_cpu.dylib", "a BLAS of its own")]
    public void The_BLAS_is_told_by_libtorch_or_else_by_what_is_loaded(string? account, string file, string name) =>
        Assert.Equal(name, EngineChecks.Blas(account, ["/lib/libc.so.6", file]));

    [Fact]
    public void The_engines_work_here()
    {
        Assert.Equal(CheckStatus.Ok, EngineChecks.ZeroMq(secure: true).Status);
        Assert.NotEqual(CheckStatus.Failed, EngineChecks.Libtorch("cpu", TimeProvider.System).Status);
        var missing = EngineChecks.Libtorch("cuda:63", TimeProvider.System);
        Assert.Equal(CheckStatus.Failed, missing.Status);
        Assert.Contains("--device cuda:63", missing.Text);
    }

    [Fact]
    public void The_report_is_lines_or_JSON_and_its_exit_code_follows_from_what_failed()
    {
        Assert.Equal(("a check       ok       fine\nAll is well.\n", 0), Report(false, CheckResult.Ok("a check", "fine")));
        Assert.Equal((0, 1),
            (Report(false, CheckResult.Warning("a", "b")).Code, Report(false, CheckResult.Failed("a", "b")).Code));
        var (text, code) = Report(false, CheckResult.Ok("x", "y"), CheckResult.Failed("east → west", "refused", "start it"));
        Assert.Equal("x             ok       y\neast → west   FAILED   refused\n                       → start it\n1 of 2 checks "
            + "failed.\n", text);
        (text, code) = Report(true, CheckResult.Ok("x", "y"), CheckResult.Failed("a → b", "refused \"there\"", "start it"));
        using var json = System.Text.Json.JsonDocument.Parse(text);
        Assert.Equal(1, code);
        Assert.Equal(1, json.RootElement.GetProperty("failed").GetInt32());
        var line = json.RootElement.GetProperty("checks")[1];
        Assert.Equal(("a → b", "failed", "refused \"there\"", "start it"),
            (line.GetProperty("check").GetString(), line.GetProperty("status").GetString(),
            line.GetProperty("text").GetString(), line.GetProperty("advice").GetString()));

        static (string Text, int Code) Report(bool json, params CheckResult[] results)
        {
            using var output = new StringWriter { NewLine = "\n" };
            var report = new DoctorReport(output, json);
            foreach (var result in results)
                report.Add(result);
            report.Finish();
            return (output.ToString(), report.ExitCode);
        }
    }
}
