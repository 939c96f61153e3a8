using System.Diagnostics;
using System.Globalization;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>
/// One process per host that does the same thing together: they say <c>ready</c>, then for each line with a number do so many
/// exchanges back to back and answer with one line of <c>name=value</c>; the end of the input ends them.
/// </summary>
sealed class Contender : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly List<Process> processes = [];

    public Contender(string name, Hosts hosts, Func<int, IEnumerable<string>> command)
    {
        Name = name;
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
        if (!line.Wait(Patience))
            throw new TimeoutException($"{Name}: a peer was silent for {Patience.TotalSeconds:F0} s");
        return line.Result ?? throw new InvalidOperationException($"{Name}: a peer ended early; its message is above");
    }
}

/// <summary>What all peers said about one run of exchanges.</summary>
sealed record Round(IReadOnlyList<Report> Peers)
{
    /// <summary>Seconds of every exchange at every peer.</summary>
    public IEnumerable<double> Seconds => Peers.SelectMany(peer => peer.Seconds);

    /// <summary>Seconds an exchange took when many were done back to back: all of them, divided by their number.</summary>
    public double BackToBack => Peers.Max(peer => peer.Seconds.Sum() / peer.Seconds.Length);

    public double Median => Quantile(Seconds, 0.5);

    /// <summary>A value of one exchange, of the peer that has most of it.</summary>
    public double Most(string name) => Peers.Max(peer => peer.Values.GetValueOrDefault(name) / peer.Seconds.Length);

    /// <summary>A value of one exchange, of all peers together.</summary>
    public double Sum(string name) => Peers.Sum(peer => peer.Values.GetValueOrDefault(name) / peer.Seconds.Length);

    public static double Quantile(IEnumerable<double> values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))];
    }
}

/// <summary>One peer's answer.</summary>
sealed record Report(double[] Seconds, IReadOnlyDictionary<string, double> Values, string Chain)
{
    public static Report Parse(string line)
    {
        var fields = line.Split(' ').Select(field => field.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        fields.Remove("seconds", out string? seconds);
        fields.Remove("chain", out string? chain);
        return new Report([.. seconds!.Split(',').Select(Number)], fields.ToDictionary(pair => pair.Key, pair => Number(pair.Value)),
            chain ?? "");
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
