using System.Diagnostics;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>
/// One process per host that does the same thing together: they say <c>ready</c>, then for each line with a number do so many
/// exchanges back to back and answer with one line of <c>name=value</c>; the end of the input ends them.
/// </summary>
sealed class Contender : IDisposable
{
    readonly List<Process> processes = [];
    readonly TimeSpan patience;

    /// <param name="name">Its name.</param>
    /// <param name="hosts">Where.</param>
    /// <param name="command">A process's words, from its host.</param>
    /// <param name="patience">The longest time that a peer may be silent; null for two minutes.</param>
    public Contender(string name, Hosts hosts, Func<int, IEnumerable<string>> command, TimeSpan? patience = null)
    {
        (Name, this.patience) = (name, patience ?? TimeSpan.FromMinutes(2));
        try
        {
            for (int host = 0; host < hosts.Count; host++)
                processes.Add(Process.Start(hosts.Start(host, command(host)))!);
            foreach (Process process in processes)
                Read(process);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    /// <summary>Does so many exchanges on all hosts.</summary>
    public Round Run(int count)
    {
        foreach (Process process in processes)
        {
            process.StandardInput.WriteLine(count);
            process.StandardInput.Flush();
        }
        return new Round([.. processes.Select(process => Report.Parse(Read(process)))]);
    }

    public void Dispose()
    {
        foreach (Process process in processes)
            process.StandardInput.Close();
        foreach (Process process in processes)
        {
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
                process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }

    string Read(Process process)
    {
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(patience))
            throw new TimeoutException($"{Name}: a peer was silent for {patience.TotalSeconds:F0} s");
        return line.Result ?? throw new InvalidOperationException($"{Name}: a peer ended early; its message is above");
    }
}
