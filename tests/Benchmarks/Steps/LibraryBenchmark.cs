using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DecentralizedLion.Benchmarks.Exchange;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>
/// Steps of a program's own training loop with the library beside those of <c>peer run</c>: two processes on loopback, the same
/// network, data and settings, in turns. The time of a step is measured from outside: what lies between the files of two
/// checkpoints, divided by the steps between them.
/// </summary>
static class LibraryBenchmark
{
    const int Peers = 2;

    static readonly (string Network, int Batch, int Steps)[] cases =
    [
        ("""{ "kind": "convnet", "width": 16, "depth": 3 }""", 16, 1000),
        ("""{ "kind": "vit", "patch": 4, "width": 192, "depth": 6, "heads": 6 }""", 8, 40),
    ];

    public static void Run(Options options, TextWriter output)
    {
        int rounds = options.Number("--rounds", 5);
        string? only = options.Text("--network");
        options.Finish();
        output.WriteLine($"Steps of {Peers} processes on loopback; load before {Machine.Load}; {rounds} rounds.");
        output.WriteLine();
        output.WriteLine("| network | library's loop / `peer run`, each round | median | `peer run`, ms a step | library |");
        output.WriteLine("|--|--|--|--|--|");
        foreach ((string network, int batch, int steps) in cases)
        {
            string kind = (string)JsonNode.Parse(network)!["kind"]!;
            if (only is not null && only != kind)
                continue;
            var pairs = new List<(double Program, double Library)>();
            for (int round = 0; round < rounds; round++)
            {
                // Whoever is second may find the machine warmer, so they take turns.
                bool libraryFirst = round % 2 == 1;
                double first = Measure(libraryFirst), second = Measure(!libraryFirst);
                pairs.Add(libraryFirst ? (second, first) : (first, second));
            }
            double[] ratios = [.. pairs.Select(pair => pair.Library / pair.Program)];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} "
                + $"| {string.Join(", ", ratios.Select(ratio => ratio.ToString("F3", CultureInfo.InvariantCulture)))} "
                + $"| **{Round.Quantile(ratios, 0.5):F3}** | {1e3 * Round.Quantile(pairs.Select(pair => pair.Program), 0.5):F2} "
                + $"| {1e3 * Round.Quantile(pairs.Select(pair => pair.Library), 0.5):F2} |"));
            output.Flush();

            double Measure(bool library) => SecondsOfStep(network, batch, steps, library);
        }
    }

    /// <summary>Trains a ring and takes the seconds of a step.</summary>
    static double SecondsOfStep(string network, int batch, int steps, bool library)
    {
        var hosts = new Hosts(Peers, null);
        using var ring = new RingFolder("library", hosts, Hosts.FreePorts(Peers, group: 4), fields: new JsonObject
        {
            ["steps"] = 3 * steps,
            ["batch"] = batch,
            ["seed"] = 1,
            ["learningRate"] = 0.0003,
            ["warmup"] = 10,
            ["weightDecay"] = 0.1,
            ["evaluateEvery"] = 0,
            ["checkpointEvery"] = steps,
            ["model"] = JsonNode.Parse(network),
            ["data"] = new JsonObject { ["kind"] = "glyphs" },
        });
        string FolderOf(int host) => Path.Combine(Path.GetDirectoryName(ring.PeersFile)!, RingFolder.IdOf(host));
        string program = Path.Combine(AppContext.BaseDirectory, "peer.dll");
        Process[] processes =
        [
            .. Enumerable.Range(0, Peers).Select(host => Process.Start(hosts.Start(host, library
                ? [.. Machine.OwnProgram, LibraryPeer.Command, ring.PeersFile, RingFolder.IdOf(host), FolderOf(host)]
                : [
                    "dotnet", program, "run", "--peers", ring.PeersFile, "--id", RingFolder.IdOf(host), "--out", FolderOf(host),
                    "--threads", "1",
                ]))!),
        ];
        Task<string>[] outputs = [.. processes.Select(process => process.StandardOutput.ReadToEndAsync())];
        try
        {
            // Whoever fails leaves the other waiting.
            foreach (Task<string> ended in Task.WhenEach(outputs).ToBlockingEnumerable())
            {
                int host = Array.IndexOf(outputs, ended);
                processes[host].WaitForExit();
                if (processes[host].ExitCode != 0)
                    throw new InvalidOperationException($"{RingFolder.IdOf(host)} ended with {processes[host].ExitCode}: "
                        + ended.Result);
            }
        }
        finally
        {
            foreach (Process process in processes)
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
                process.Dispose();
            }
        }
        // The first steps are not measured: .NET compiles again what is used much.
        DateTime At(int step) => File.GetLastWriteTimeUtc(Path.Combine(FolderOf(0), $"step-{step:D8}.safetensors"));
        return (At(3 * steps) - At(2 * steps)).TotalSeconds / steps;
    }
}
