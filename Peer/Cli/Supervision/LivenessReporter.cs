using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Supervision;

/// <summary>
/// The reporter that shows a service manager and a health check that this peer's ring answers. It asks the ring's own thread, so
/// that a process in which that thread hangs falls silent and is started again; a paused ring is alive.
/// </summary>
/// <param name="manager">The service manager.</param>
/// <param name="file">The health check's file; null for none.</param>
/// <param name="time">The clock.</param>
sealed class LivenessReporter(ServiceManager manager, HealthFile? file, TimeProvider time) : IAsyncDisposable
{
    static readonly TimeSpan usual = TimeSpan.FromSeconds(5), soon = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource stop = new();
    volatile string status = "starting";
    CancellationTokenRegistration leaving;
    Task running = Task.CompletedTask;

    /// <summary>Begins to ask.</summary>
    /// <param name="isRingAlive">Completes when the ring's thread has answered; false when there is no ring yet.</param>
    /// <param name="stopping">Is cancelled when this peer is asked to leave.</param>
    public void Start(Func<Task<bool>> isRingAlive, CancellationToken stopping)
    {
        if (!manager.IsPresent && file is null)
            return;
        leaving = stopping.Register(manager.SendStopping);
        running = ReportAgainAndAgain(isRingAlive);
    }

    /// <summary>Takes note of what the peer does.</summary>
    public void OnEvent(PeerEvent happened) => status = happened switch
    {
        Stepped step => FormattableString.Invariant(
            $"step {step.Step}, loss {Format.Number(step.Loss)}, {step.Voters} voters, view {step.View}"),
        Fault fault => fault.Text,
        _ => status,
    };

    public async ValueTask DisposeAsync()
    {
        await leaving.DisposeAsync();
        await stop.CancelAsync();
        await running;
        file?.Delete();
        stop.Dispose();
    }

    async Task ReportAgainAndAgain(Func<Task<bool>> isRingAlive)
    {
        // Three signs of life within the time that is allowed for one.
        var interval = manager.WatchdogTimeout / 3 is { } third && third < usual ? third : usual;
        var isReady = false;
        try
        {
            while (true)
            {
                var isStarted = await isRingAlive().WaitAsync(stop.Token).ConfigureAwait(false);
                if (isStarted && !isReady)
                    manager.SendReady();
                isReady |= isStarted;
                manager.SendAlive(status);
                file?.Write(status);
                // Whoever waits for the start is told soon.
                await Task.Delay(isReady || interval < soon ? interval : soon, time, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The peer has left.
        }
    }
}
