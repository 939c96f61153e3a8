namespace DecentralizedLion.Integration.Tests.Pool;

/// <summary>
/// Processes that many tests run their peers in, one after the other: a start of .NET and libtorch takes longer than most rings
/// here. Who is killed takes its process along.
/// </summary>
sealed class ProcessPool : IDisposable
{
    readonly Lock gate = new();
    readonly Queue<PooledProcess> idle = []; // the first is the one that has had the longest time to start
    bool isDisposed;

    ProcessPool() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();

    /// <summary>The pool of all tests, whose processes end with the test runner.</summary>
    internal static ProcessPool Shared { get; } = new();

    /// <summary>Runs a command of the program in a process that is idle, or in a new one.</summary>
    internal IProgram Start(IReadOnlyList<string> arguments)
    {
        lock (gate)
            return new PooledRun(this, idle.TryDequeue(out var process) ? process : PooledProcess.Start(), arguments);
    }

    /// <summary>Takes back a process whose command has ended; another is started at once in the place of one that was
    /// killed.</summary>
    internal void Return(PooledProcess process)
    {
        lock (gate)
        {
            if (!isDisposed && !process.HasExited)
            {
                idle.Enqueue(process);
                return;
            }
            process.Dispose();
            if (!isDisposed)
                idle.Enqueue(PooledProcess.Start());
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            while (idle.TryDequeue(out var process))
                process.Dispose();
        }
    }
}
