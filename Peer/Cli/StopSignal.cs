using System.Runtime.InteropServices;

namespace DecentralizedLion.Peer.Cli;

/// <summary>
/// The signal to leave in order: Ctrl-C, SIGTERM, SIGHUP (a closed terminal) or SIGUSR1 and SIGUSR2 (a scheduler's warning that
/// the job's time is nearly over). Service managers send several of them, so only a second Ctrl-C ends the process at once, with
/// the exit code <see cref="ExitCode.Interrupted"/>. A
/// child of the demo does not listen to Ctrl-C, which a terminal sends to all processes at once; it leaves when its standard
/// input says so, or ends because the parent is gone.
/// </summary>
sealed class StopSignal : IDisposable
{
    /// <summary>The line that a parent writes to a child's standard input to let it leave.</summary>
    public const string Leave = "leave";

    /// <summary>The time that a child without a parent may take to leave.</summary>
    static readonly TimeSpan orphanLimit = TimeSpan.FromSeconds(20);

    readonly CancellationTokenSource source;
    readonly List<PosixSignalRegistration> registrations = [];
    readonly TimeProvider time;
    readonly TextWriter notice;
    readonly Lock gate = new();
    ITimer? limit;
    bool isDisposed;
    int asked;

    StopSignal(TimeProvider time, TextWriter notice, CancellationToken outer) =>
        (this.time, this.notice, source) = (time, notice, CancellationTokenSource.CreateLinkedTokenSource(outer));

    public CancellationToken Token => source.Token;

    /// <summary>For a process of its own.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="outer">Asks to leave as well.</param>
    /// <param name="notice">Is told at the first Ctrl-C what the second does; null where a table is shown.</param>
    public static StopSignal OfTerminal(TimeProvider time, CancellationToken outer = default, TextWriter? notice = null)
    {
        var signal = new StopSignal(time, notice ?? TextWriter.Null, outer);
        signal.On(PosixSignal.SIGINT, signal.Interrupt);
        signal.OnAllOthers();
        return signal;
    }

    /// <summary>For a child of the demo.</summary>
    public static StopSignal OfParent(TimeProvider time, TextReader input, CancellationToken outer = default)
    {
        var signal = new StopSignal(time, TextWriter.Null, outer);
        signal.On(PosixSignal.SIGINT, context => context.Cancel = true);
        signal.OnAllOthers();
        new Thread(() => signal.Watch(input)) { IsBackground = true, Name = "parent" }.Start();
        return signal;
    }

    /// <summary>Takes a Ctrl-C. The system does what it does with a program that does not handle it when this leaves it
    /// uncancelled.</summary>
    internal void Interrupt(PosixSignalContext context)
    {
        context.Cancel = Ask();
        if (context.Cancel)
            notice.WriteLine($"stopping in order; a second Ctrl-C ends at once, with exit code {ExitCode.Interrupted}");
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        lock (gate)
        {
            isDisposed = true;
            limit?.Dispose();
        }
    }

    void OnAllOthers()
    {
        foreach (var kind in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP, .. UserSignals()])
            On(kind, context =>
            {
                Ask();
                context.Cancel = true;
            });
    }

    /// <summary>The numbers of SIGUSR1 and SIGUSR2, for which .NET has no names.</summary>
    static PosixSignal[] UserSignals() => OperatingSystem.IsLinux() ? [(PosixSignal)10, (PosixSignal)12]
        : OperatingSystem.IsMacOS() ? [(PosixSignal)30, (PosixSignal)31] : [];

    /// <summary>Asks to leave in order; false when that was asked before.</summary>
    bool Ask()
    {
        var first = Interlocked.Exchange(ref asked, 1) == 0;
        source.Cancel();
        return first;
    }

    void Watch(TextReader input)
    {
        // After a "leave" it reads on: the parent may die while this peer is leaving.
        while (input.ReadLine() is { } line)
            if (line == Leave)
                Ask();
        Ask();
        lock (gate)
            if (!isDisposed) // else it has left in time
                limit = time.CreateTimer(_ => Environment.Exit(ExitCode.Orphaned), null, orphanLimit, Timeout.InfiniteTimeSpan);
    }

    void On(PosixSignal kind, Action<PosixSignalContext> handler) =>
        registrations.Add(PosixSignalRegistration.Create(kind, handler));
}
