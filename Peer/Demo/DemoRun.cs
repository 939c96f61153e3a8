using System.Diagnostics;
using System.Threading.Channels;
using DecentralizedLion.Peer.Commands;
using DecentralizedLion.Peer.Display;

namespace DecentralizedLion.Peer.Demo;

/// <summary>
/// Runs all peers of a roster as child processes and shows them. None outlives the demo: each is asked to leave, then given
/// <see cref="Grace"/>, then killed; and a child whose standard input ends leaves by itself.
/// </summary>
public sealed class DemoRun(
    IReadOnlyList<(string Id, ProcessStartInfo Start)> peers, Board board, IDisplay display, TextWriter output, TimeProvider time)
{
    readonly Channel<ChildReport> reports = Channel.CreateUnbounded<ChildReport>();
    readonly List<ChildPeer> children = [];
    ChildPeer? failed;
    int failedCode;

    /// <summary>How long peers have to leave.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Runs until all peers have ended; when <paramref name="stop"/> is cancelled they are asked to leave.</summary>
    public async Task<int> Run(CancellationToken stop)
    {
        try
        {
            foreach (var (id, start) in peers)
                children.Add(ChildPeer.Start(id, start, reports.Writer));
            await Follow(stop);
        }
        finally
        {
            display.Dispose();
            foreach (var child in children)
                child.Kill();
            await Task.WhenAll(children.Select(c => c.Ended));
        }
        var code = Conclude(stop.IsCancellationRequested);
        foreach (var child in children)
            child.Dispose();
        return code;
    }

    async Task Follow(CancellationToken stop)
    {
        var alive = children.Count;
        using var ticker = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        var tick = ticker.WaitForNextTickAsync(CancellationToken.None).AsTask();
        var ready = reports.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        long? leaving = null;
        while (alive > 0)
        {
            if (leaving is null && (stop.IsCancellationRequested || failed is not null))
            {
                leaving = time.GetTimestamp();
                foreach (var child in children)
                    child.Leave();
            }
            if (leaving is { } since && time.GetElapsedTime(since) > Grace)
                return;
            if (await Task.WhenAny(ready, tick) == tick)
            {
                display.Tick(board);
                tick = ticker.WaitForNextTickAsync(CancellationToken.None).AsTask();
                continue;
            }
            ready = reports.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
            while (reports.Reader.TryRead(out var report))
                alive -= Take(report, expected: leaving is not null && stop.IsCancellationRequested);
        }
    }

    /// <summary>Returns 1 when the report is a process's end.</summary>
    int Take(ChildReport report, bool expected)
    {
        if (report.Event is { } happened)
        {
            board.Apply(report.Peer.Id, happened);
            display.Updated(board, report.Peer.Id, happened);
        }
        if (report.ExitCode is not { } code)
            return 0;
        if ((code != 0 || (!report.Peer.SaidEnd && !expected)) && failed is null)
            (failed, failedCode) = (report.Peer, code);
        return 1;
    }

    int Conclude(bool left)
    {
        if (failed is not null)
        {
            var last = failed.LastLines;
            output.WriteLine($"Peer {failed.Id} ended with code {failedCode}; the demo ended the others."
                + (last.Count == 0 ? " It printed nothing." : " Its last lines:"));
            foreach (var line in last)
                output.WriteLine($"  {line}");
            return ExitCode.Failed;
        }
        var late = children.Where(c => !c.SaidEnd).Select(c => c.Id).ToArray();
        if (late.Length > 0)
        {
            output.WriteLine($"Peer {string.Join(", ", late)} did not leave within {Show.Duration(Grace)} and was killed.");
            return ExitCode.Failed;
        }
        return Summary.Write(output, board, left) ? ExitCode.Done : ExitCode.Failed;
    }
}
