using System.Diagnostics;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>Hosts behind links of a rate, made by links.sh in network namespaces for the time of one command.</summary>
static class SlowLinks
{
    /// <summary>Makes the hosts, runs a hidden command of this program with the rate, more words and the hosts' prefix, and takes
    /// the hosts down again.</summary>
    /// <param name="megabits">The rate in Mbit/s.</param>
    /// <param name="hosts">How many.</param>
    /// <param name="command">The hidden command.</param>
    /// <param name="words">More words for it.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static void Run(int megabits, int hosts, string command, params string[] words)
    {
        string[] script = [ExchangeBenchmark.Script("links.sh"), $"{megabits}", $"{hosts}", .. Machine.OwnProgram, command,
            $"{megabits}", .. words];
        using var process = Process.Start(new ProcessStartInfo("bash", script))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"links.sh ended with {process.ExitCode}; its message is above");
    }
}
