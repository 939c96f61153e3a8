using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.TensorBoard;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Telemetry;

public sealed class TensorBoardTests : IDisposable
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Board => folder.File("board");

    string EventFilePath => Directory.EnumerateFiles(Board).Single();

    async Task Until(Func<bool> holds)
    {
        using var stop = new CancellationTokenSource(limit);
        while (!holds())
            await Task.Delay(5, stop.Token);
    }

    [Fact]
    public async Task The_curves_are_in_the_event_file_while_the_run_goes_on()
    {
        await using var log = new TensorBoardLog(Board, TimeProvider.System);
        for (var step = 1; step <= 3; step++)
            log.Record(SampleTelemetry.Step(step));
        log.Record(new Evaluated(3, 1.25, 0.5, 100, 0.1, SampleTelemetry.Digest));
        await Until(() => EventFile.ReadScalars(EventFilePath).Count == 3 * 10 + 2);
        var scalars = EventFile.ReadScalars(EventFilePath);
        Assert.Equal(
            ["Accuracy/test", "Bytes/bits_per_parameter", "Bytes/sent", "LearningRate", "Loss/test", "Loss/train",
                "Time/compute", "Time/exchange", "Time/step", "Vote/agreement", "Vote/flips", "Vote/voters"],
            scalars.Select(scalar => scalar.Tag).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([(1, 1.5f), (2, 1.5f), (3, 1.5f)],
            scalars.Where(scalar => scalar.Tag == "Loss/train").Select(scalar => (scalar.Step, scalar.Value)));
        Assert.Contains(("Accuracy/test", 3, 0.5f), scalars);
        Assert.Contains(("Bytes/sent", 2, 12345f), scalars);
        Assert.Null(log.TakeFailure());
    }

    [LinuxFact("/dev/full")]
    public async Task A_full_disk_is_told_once_and_ends_nothing()
    {
        await using var log = new TensorBoardLog(Board, TimeProvider.System);
        log.Record(SampleTelemetry.Step(1));
        await Until(() => EventFile.ReadScalars(EventFilePath).Count == 10);
        var file = EventFilePath;
        File.Delete(file);
        File.CreateSymbolicLink(file, "/dev/full");
        string? told = null;
        for (var step = 2; told is null; step++)
        {
            log.Record(SampleTelemetry.Step(step));
            told = log.TakeFailure();
            await Task.Yield();
        }
        Assert.Contains("the training goes on", told);
        log.Record(SampleTelemetry.Step(1_000_000));
        Assert.Null(log.TakeFailure());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_at_the_start()
    {
        File.WriteAllText(folder.File("file"), "");
        Assert.Contains("--tensorboard: \"",
            Assert.Throws<UsageException>(() => new TensorBoardLog(folder.File("file"), TimeProvider.System)).Message);
    }
}
