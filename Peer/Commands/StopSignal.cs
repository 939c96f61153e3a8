using System.Runtime.InteropServices;

namespace DecentralizedLion.Peer.Commands;

/// <summary>
/// When to leave in order. A process of its own leaves on Ctrl-C or SIGTERM. A child of the demo does not listen to Ctrl-C,
/// which a terminal sends to all processes at once; it leaves when its standard input says so, or ends because the parent is
/// gone.
/// </summary>
public sealed class StopSignal : IDisposable
{
    /// <summary>What a parent writes to a child's standard input to let it leave.</summary>
    public const string Leave = "leave";

    /// <summary>How long a child without a parent may take to leave.</summary>
    private static readonly TimeSpan _orphanLimit = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly TimeProvider _time;
    private ITimer? _limit;
    private int _asked;

    private StopSignal(TimeProvider time) => _time = time;

    public CancellationToken Token => _source.Token;

    /// <summary>For a process of its own.</summary>
    public static StopSignal OfTerminal(TimeProvider time)
    {
        var signal = new StopSignal(time);
        signal.On(PosixSignal.SIGINT, context => context.Cancel = signal.Ask());
        signal.On(PosixSignal.SIGTERM, context => context.Cancel = signal.Ask());
        return signal;
    }

    /// <summary>For a child of the demo.</summary>
    public static StopSignal OfParent(TimeProvider time, TextReader input)
    {
        var signal = new StopSignal(time);
        signal.On(PosixSignal.SIGINT, context => context.Cancel = true);
        signal.On(PosixSignal.SIGTERM, context => context.Cancel = signal.Ask());
        new Thread(() => signal.Watch(input)) { IsBackground = true, Name = "parent" }.Start();
        return signal;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _limit?.Dispose();
    }

    /// <summary>Asks once to leave in order; the second time the process may be ended at once.</summary>
    private bool Ask()
    {
        var first = Interlocked.Exchange(ref _asked, 1) == 0;
        _source.Cancel();
        return first;
    }

    private void Watch(TextReader input)
    {
        // After a "leave" it reads on: the parent may die while this peer is leaving.
        while (input.ReadLine() is { } line)
            if (line == Leave)
                Ask();
        Ask();
        _limit = _time.CreateTimer(_ => Environment.Exit(ExitCode.Cut), null, _orphanLimit, Timeout.InfiniteTimeSpan);
    }

    private void On(PosixSignal kind, Action<PosixSignalContext> handler) =>
        _registrations.Add(PosixSignalRegistration.Create(kind, handler));
}
