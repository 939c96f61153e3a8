using System.Threading.Channels;
using DecentralizedLion.Peer.Metrics;
using TorchSharp;
using TorchSharp.Modules;

namespace DecentralizedLion.Peer.Cli.TensorBoard;

/// <summary>
/// A run's scalars as a TensorBoard event file, by TorchSharp's own writer. It writes on a task of its own: neither a slow disk
/// nor a full one holds the training up or ends it.
/// </summary>
sealed class TensorBoardLog : IAsyncDisposable
{
    const int WaitingMax = 4096;

    static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    readonly Channel<Point> points = Channel.CreateBounded<Point>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    readonly TimeProvider time;
    readonly Task writing;
    string? failure;
    int lost;

    /// <summary>Begins an event file.</summary>
    /// <param name="folder">The folder, which TensorBoard takes for the run; it is made where it is not there.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="UsageException">The folder cannot be written.</exception>
    public TensorBoardLog(string folder, TimeProvider time)
    {
        this.time = time;
        SummaryWriter writer;
        try
        {
            Directory.CreateDirectory(folder);
            writer = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
            foreach (var file in Directory.GetFiles(folder, $"*.tfevents.*.{Environment.ProcessId}.*"))
                EventFileHeader.SetTime(file, time.GetUtcNow());
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new UsageException($"--tensorboard: \"{folder}\" cannot be written: {e.Message}");
        }
        writing = Task.Run(() => WriteAsync(writer));
    }

    /// <summary>Takes an event's numbers.</summary>
    public void Record(PeerEvent happened)
    {
        switch (happened)
        {
            case Stepped e:
                Add("Loss/train", e.Step, e.Loss);
                Add("LearningRate", e.Step, e.LearningRate);
                Add("Vote/agreement", e.Step, e.Agreement);
                Add("Vote/flips", e.Step, e.Flips);
                Add("Vote/voters", e.Step, e.Voters);
                Add("Time/step", e.Step, e.ComputeSeconds + e.ExchangeSeconds);
                Add("Time/compute", e.Step, e.ComputeSeconds);
                Add("Time/exchange", e.Step, e.ExchangeSeconds);
                Add("Bytes/sent", e.Step, e.BytesSent);
                Add("Bytes/bits_per_parameter", e.Step, e.BitsPerParameter);
                break;
            case Evaluated e:
                Add("Loss/test", e.Step, e.Loss);
                Add("Accuracy/test", e.Step, e.Accuracy);
                break;
            default:
                break;
        }
    }

    /// <summary>Writes what waits, for a few seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        points.Writer.TryComplete();
        await Task.WhenAny(writing, Task.Delay(patience, time));
        if (lost > 0)
            failure ??= $"TensorBoard: the disk was too slow; {lost} numbers are not in the event file, but in metrics.jsonl";
    }

    /// <summary>A sentence for the operator when something went wrong; it is given once.</summary>
    public string? TakeFailure() => Volatile.Read(ref failure) is null ? null : Interlocked.Exchange(ref failure, null);

    void Add(string tag, long step, double? value)
    {
        if (value is not { } number)
            return;
        var isTaken = points.Writer.TryWrite(new Point(tag, step, number, time.GetUtcNow()));
        if (!isTaken && !writing.IsCompleted)
            lost++;
    }

    async Task WriteAsync(SummaryWriter writer)
    {
        try
        {
            await foreach (var point in points.Reader.ReadAllAsync())
                // Seconds since 1970: what the writer has for them by itself is .NET's ticks.
                writer.add_scalar(point.Tag, (float)point.Value, (int)Math.Min(point.Step, int.MaxValue),
                    point.Time.ToUnixTimeSeconds());
        }
        catch (Exception e)
        {
            points.Writer.TryComplete();
            Volatile.Write(ref failure, "TensorBoard: the event file cannot be written any more, and the training goes on: "
                + $"{e.Message}");
        }
    }

    static bool IsFailure(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException;

    readonly record struct Point(string Tag, long Step, double Value, DateTimeOffset Time);
}
