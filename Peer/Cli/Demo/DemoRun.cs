using System.Threading.Channels;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>
/// Runs all peers of a roster as child processes and shows them. A child that is killed is started again. None outlives the demo:
/// each is asked to leave, then given <see cref="Grace"/>, then killed; and a child whose standard input ends leaves by itself.
/// </summary>
sealed class DemoRun(IReadOnlyList<DemoPeer> peers, RunStatus status, IDisplay display, TextWriter output,
    TimeProvider time)
{
    /// <summary>So many failures of one peer within <see cref="faultsWithin"/> end the demo.</summary>
    const int FaultsMax = 3;

    static readonly TimeSpan faultsWithin = TimeSpan.FromSeconds(30);

    readonly Channel<ChildReport> reports = Channel.CreateUnbounded<ChildReport>();
    ChildPeer? failed;
    ChildExit failedExit;
    long? leaving;
    bool finished;
    long progress = time.GetTimestamp();

    /// <summary>The time that peers have to leave; and, when others have finished, to come nearer to the last step.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The time after a peer's end until it is started again; null: it is not.</summary>
    public TimeSpan? RestartAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Takes what the peers say and is written at the end; or null.</summary>
    public FaultReport? Faults { get; init; }

    /// <summary>Runs until all peers have ended; when <paramref name="stop"/> is cancelled they are asked to leave.</summary>
    public async Task<int> Run(CancellationToken stop)
    {
        string[] late;
        try
        {
            foreach (var peer in peers)
                peer.Start(reports.Writer);
            await Follow(stop);
        }
        finally
        {
            display.Dispose();
            late = [.. peers.Where(p => p.IsRunning && !p.Child!.SaidEnd).Select(p => p.Id)];
            ChildPeer[] running = [.. peers.Where(p => p.IsRunning).Select(p => p.Child!)];
            foreach (var child in running)
                child.Kill();
            await Task.WhenAll(running.Select(c => c.Ended));
            foreach (var child in running)
                child.Dispose();
        }
        var code = Conclude(late, stop.IsCancellationRequested);
        Faults?.Write(output);
        return code;
    }

    async Task Follow(CancellationToken stop)
    {
        using var ticker = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        var tick = ticker.WaitForNextTickAsync(CancellationToken.None).AsTask();
        var ready = reports.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        while (peers.Any(p => p.IsRunning || p.IsAwaited))
        {
            if (leaving is null && (stop.IsCancellationRequested || failed is not null || AreLeftBehind()))
            {
                leaving = time.GetTimestamp();
                foreach (var peer in peers)
                    peer.Leave();
            }
            if (leaving is { } since && time.GetElapsedTime(since) > Grace)
                return;
            foreach (var peer in peers.Where(p => p.IsDue(time.GetTimestamp())))
            {
                status.OnProcessRestarted(peer.Id);
                peer.Start(reports.Writer);
            }
            if (await Task.WhenAny(ready, tick) == tick)
            {
                display.Tick(status);
                tick = ticker.WaitForNextTickAsync(CancellationToken.None).AsTask();
                continue;
            }
            ready = reports.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
            while (reports.Reader.TryRead(out var report))
                Take(report, stop.IsCancellationRequested);
        }
    }

    /// <summary>True when those that have finished are gone, and the rest gets nowhere without them.</summary>
    bool AreLeftBehind() => finished && time.GetElapsedTime(progress) > Grace
        && peers.All(p => !p.IsRunning || status.Rows.Any(r => r.Id == p.Id && r.Step < status.Steps));

    void Take(ChildReport report, bool stopping)
    {
        if (report.Event is { } happened)
        {
            if (happened is Started or Stepped or Ended)
                progress = time.GetTimestamp();
            finished |= happened is Ended { Reason: Ended.Finished };
            status.Apply(report.Peer.Id, happened);
            display.Updated(status, report.Peer.Id, happened);
            Faults?.Add(report.Peer.Id, happened);
        }
        if (report.ExitCode is not { } code)
            return;
        var peer = peers.First(p => p.Id == report.Peer.Id);
        peer.Ended();
        if (code != ExitCode.Done || !report.Peer.SaidEnd)
            CheckResult(peer, new ChildExit(code), stopping);
    }

    /// <summary>The reaction to a process that did not end in order.</summary>
    void CheckResult(DemoPeer peer, ChildExit exit, bool stopping)
    {
        status.OnProcessExited(peer.Id);
        var said = $"its process ended {exit}";
        if (leaving is not null)
        {
            if (stopping && !exit.IsKilled && exit.Code != ExitCode.Done)
                Fail(peer, exit);
            return;
        }
        var now = time.GetTimestamp();
        if (!exit.IsKilled)
        {
            var count = peer.CountFault(now, now - (long)(faultsWithin.TotalSeconds * time.TimestampFrequency));
            if (exit.Code == ExitCode.Usage || RestartAfter is null || count >= FaultsMax)
            {
                Fail(peer, exit);
                return;
            }
            said += peer.Child!.LastLines is { Count: > 0 } lines ? $" ({lines[^1]})" : "";
        }
        if (RestartAfter is { } after && !finished)
        {
            peer.StartAt(now + (long)(after.TotalSeconds * time.TimestampFrequency));
            Write(peer, $"{said}; it is started again in {Format.Duration(after)}");
        }
        else
            Write(peer, $"{said}; the others continue without it");
    }

    void Fail(DemoPeer peer, ChildExit exit)
    {
        if (failed is null)
            (failed, failedExit) = (peer.Child, exit);
    }

    void Write(DemoPeer peer, string text)
    {
        var note = new Note(text);
        status.Apply(peer.Id, note);
        display.Updated(status, peer.Id, note);
    }

    int Conclude(string[] late, bool left)
    {
        if (failed is not null)
        {
            var last = failed.LastLines;
            output.WriteLine($"Peer {failed.Id} ended {failedExit}; the demo ended the others."
                + (last.Count == 0 ? " It printed nothing." : " Its last lines:"));
            foreach (var line in last)
                output.WriteLine($"  {line}");
            return ExitCode.Failed;
        }
        if (late.Length > 0)
        {
            output.WriteLine($"Peer {string.Join(", ", late)} did not leave within {Format.Duration(Grace)} and was killed.");
            return ExitCode.Failed;
        }
        if (!status.Rows.Any(r => r.Ended))
        {
            output.WriteLine("No peer stopped cleanly. Run the same command again to continue from where they were.");
            return ExitCode.Failed;
        }
        return RunSummary.Write(output, status, left) ? ExitCode.Done : ExitCode.Failed;
    }
}
