namespace DecentralizedLion.Integration.Tests.Pool;

/// <summary>A command in a process of the pool, which gets the process back when the command ends by itself.</summary>
sealed class PooledRun : IProgram
{
    readonly Lock gate = new();
    readonly ProcessPool pool;
    readonly PooledProcess process;
    bool hasEnded;

    public PooledRun(ProcessPool pool, PooledProcess process, IReadOnlyList<string> arguments)
    {
        (this.pool, this.process, Id) = (pool, process, process.Id);
        process.Begin(arguments);
    }

    public int Id { get; }

    public async Task<int> Read(Action<string> line)
    {
        var code = await process.Read(line);
        lock (gate)
            hasEnded = true;
        pool.Return(process);
        return code;
    }

    // The process is another command's when this one has ended.
    public void Say(string line)
    {
        lock (gate)
            if (!hasEnded)
                process.Write(line);
    }

    public void Kill()
    {
        lock (gate)
            if (!hasEnded)
                process.Kill();
    }

    public void Dispose() => Kill();
}
