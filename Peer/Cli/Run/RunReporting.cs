using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Peer.Cli.Supervision;
using DecentralizedLion.Peer.Cli.Telemetry;
using DecentralizedLion.Peer.Cli.TensorBoard;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using Microsoft.Extensions.Logging;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>The outputs of a run while it goes on: display, log, page, telemetry, TensorBoard, service manager. None of them ends
/// the run when it fails later.</summary>
sealed class RunReporting : IAsyncDisposable
{
    readonly RunConfig run;
    readonly RunOptions options;
    readonly string self, folder;
    readonly TimeProvider time;
    readonly TextWriter console, output;
    readonly ILoggerFactory? logging;
    readonly EventLogger? log;
    readonly TelemetryExport? export;
    readonly FaultReport? faults;
    readonly ProfileReport? profile;
    readonly LivenessReporter liveness;
    IAsyncDisposable? page, metrics;
    TensorBoardLog? tensorBoard;
    IDisplay? display;
    EventReporter? reporter;

    RunReporting(RunConfig run, RunOptions options, string self, string folder, TextWriter console, TimeProvider time)
    {
        (this.run, this.options, this.self, this.folder, this.console, this.time) = (run, options, self, folder, console, time);
        var signals = OtlpSignals.Read(Environment.GetEnvironmentVariable);
        var servesMetrics = options.Dashboard is not null || options.Metrics is not null;
        if (signals.Any || servesMetrics)
            export = new TelemetryExport(run.Training.Run, self, signals, servesMetrics, time);
        if (IsJson || signals.Logs)
        {
            logging = LoggerFactory.Create(builder =>
            {
                if (IsJson)
                    builder.AddProvider(new JsonLines(console));
                export?.AddTo(builder);
            });
            log = new EventLogger(self, logging.CreateLogger(RingTelemetry.Name), time);
        }
        output = IsJson ? new LineWriter(log!.RecordLine) : console;
        liveness = new LivenessReporter(new ServiceManager(Environment.GetEnvironmentVariable),
            options.HealthFile is { } health ? new HealthFile(health) : null, time);
        faults = options.FaultReport ? new FaultReport { ThisStartOf = folder } : null;
        profile = options.Profile ? new ProfileReport() : null;
    }

    bool IsJson => options.LogFormat == LogFormat.Json && !options.Child;

    /// <summary>Opens what the options ask for.</summary>
    /// <param name="run">The run's settings.</param>
    /// <param name="options">This host's options.</param>
    /// <param name="self">This peer's id.</param>
    /// <param name="folder">This peer's folder.</param>
    /// <param name="console">The standard output.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="UsageException">An address cannot be listened at, or TensorBoard's folder not be written.</exception>
    public static async Task<RunReporting> OpenAsync(RunConfig run, RunOptions options, string self, string folder,
        TextWriter console, TimeProvider time)
    {
        var reporting = new RunReporting(run, options, self, folder, console, time);
        try
        {
            await reporting.OpenAsync();
            return reporting;
        }
        catch
        {
            await reporting.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes an event. One thread at a time calls it.</summary>
    public void Report(PeerEvent happened)
    {
        reporter!.Report(happened);
        if (happened is Profiled profiled)
            profile?.Add(profiled);
        log?.Record(happened);
        liveness.OnEvent(happened);
        tensorBoard?.Record(happened);
        ReportTensorBoard();
    }

    /// <inheritdoc cref="LivenessReporter.Start"/>
    public void SuperviseBy(Func<Task<bool>> isRingAlive, CancellationToken stopping) => liveness.Start(isRingAlive, stopping);

    /// <summary>Logs the reason why the run cannot go on.</summary>
    public void LogFailure(Exception reason) => log?.RecordFailure(reason);

    /// <summary>Sends what has gathered, for a moment at most: the ring's figures go with the ring.</summary>
    public Task FlushAsync() => export?.FlushAsync() ?? Task.CompletedTask;

    /// <summary>Shows the last and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await liveness.DisposeAsync();
        if (tensorBoard is not null)
        {
            await tensorBoard.DisposeAsync();
            ReportTensorBoard();
        }
        display?.Dispose(); // the table's last words come before the report
        faults?.Write(output);
        profile?.Write(output);
        if (metrics is not null)
            await metrics.DisposeAsync();
        if (page is not null)
            await page.DisposeAsync();
        logging?.Dispose();
        if (export is not null)
            await export.DisposeAsync();
    }

    async Task OpenAsync()
    {
        if (options.TensorBoard is { } board)
            tensorBoard = new TensorBoardLog(board, time);
        if (options.Dashboard is not null)
            page = await DashboardPage.OpenAsync(
                new RunDescription(run.Training.Run, DisplayFactory.Title(run), [.. run.Roster.Peers.Select(p => p.Id)], folder),
                options.Dashboard, options.DashboardToken, ("--dashboard", "--dashboard-token"), output, time, export!.Metrics);
        if (options.Metrics is not null)
            metrics = await MetricsEndpoint.OpenAsync(export!.Metrics!, options.Metrics, options.DashboardToken,
                ("--metrics", "--dashboard-token"), output);
        var status = new RunStatus([self], time);
        var title = $"{self} of {DisplayFactory.Title(run)}";
        if (IsJson)
            output.WriteLine(title);
        else if (!options.Child)
            display = DisplayFactory.Create(title, status, options.Plain, output, time);
        reporter = new EventReporter(self, status, display, options.Child ? output : TextWriter.Null, faults);
    }

    void ReportTensorBoard()
    {
        if (tensorBoard?.TakeFailure() is not { } text)
            return;
        var note = new Note(text);
        reporter!.Report(note);
        log?.Record(note);
    }
}
