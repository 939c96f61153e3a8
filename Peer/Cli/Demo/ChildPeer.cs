using System.Diagnostics;
using System.Threading.Channels;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>A peer in a process of its own, spoken to over its standard streams.</summary>
sealed class ChildPeer : IDisposable
{
    const int LinesKept = 12;
    readonly Process process;
    readonly Queue<string> lines = new();

    ChildPeer(string id, Process process)
    {
        Id = id;
        this.process = process;
    }

    public string Id { get; }

    public int ProcessId => process.Id;

    /// <summary>Completes when the process has ended and everything it printed was reported.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>True when it has said that it ends in order.</summary>
    public bool SaidEnd { get; private set; }

    /// <summary>The last lines it printed that are no events.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    public static ChildPeer Start(string id, ProcessStartInfo start, ChannelWriter<ChildReport> reports)
    {
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        var child = new ChildPeer(id, process);
        child.Ended = child.Watch(reports);
        return child;
    }

    /// <summary>Asks the peer to leave in order: checkpoint, farewell, exit 0.</summary>
    public void Leave()
    {
        try
        {
            process.StandardInput.WriteLine(StopSignal.Leave);
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            return; // its standard input is closed: it is ending already
        }
    }

    /// <summary>Ends the process at once if it is still there.</summary>
    public void Kill()
    {
        if (!process.HasExited)
            process.Kill();
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    async Task Watch(ChannelWriter<ChildReport> reports)
    {
        await Task.WhenAll(Read(process.StandardOutput, reports), Read(process.StandardError, reports));
        await process.WaitForExitAsync();
        await reports.WriteAsync(new ChildReport(this, null, process.ExitCode));
    }

    async Task Read(StreamReader stream, ChannelWriter<ChildReport> reports)
    {
        while (await stream.ReadLineAsync() is { } line)
            if (EventLine.TryRead(line) is { } happened)
            {
                SaidEnd |= happened is Ended;
                if (happened is Note note)
                    Remember(note.Text);
                await reports.WriteAsync(new ChildReport(this, happened, null));
            }
            else
                Remember(line);
    }

    void Remember(string line)
    {
        lock (lines)
        {
            lines.Enqueue(line);
            while (lines.Count > LinesKept)
                lines.Dequeue();
        }
    }
}
