using System.Runtime.ExceptionServices;
using System.Text.Json;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>A roster of peers on loopback, whose programs run on threads of this process.</summary>
sealed class LocalRing : IDisposable
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder folder = new();
    readonly CancellationTokenSource stopping = new();

    /// <param name="peers">How many: a, b, c and so on.</param>
    /// <param name="fields">More fields of the roster's file.</param>
    /// <param name="prefix">The beginning of each id.</param>
    /// <param name="batches">The batch of each peer; null: none is said.</param>
    public LocalRing(int peers, string fields = "", string prefix = "", int[]? batches = null)
    {
        Ids = [.. Enumerable.Range(0, peers).Select(i => $"{prefix}{(char)('a' + i)}")];
        var portsEach = Math.Max(1, peers - 1); // an insecure peer listens on a port for each other peer
        var port = LoopbackPorts.Take(peers * portsEach);
        var entries = Ids.Select((id, i) => new Dictionary<string, object>
        {
            ["id"] = id,
            ["address"] = "127.0.0.1",
            ["port"] = port + i * portsEach,
        }).ToArray();
        for (var i = 0; i < batches?.Length; i++)
            entries[i]["batch"] = batches[i];
        File.WriteAllText(Roster, $$"""
            { "run": "library", "insecure": true, "deadline": "off", {{(fields == "" ? "" : fields + ",")}}
              "peers": {{JsonSerializer.Serialize(entries)}} }
            """);
    }

    public string[] Ids { get; }

    public string Roster => folder.File("peers.json");

    public string FolderOf(string id) => folder.File(id);

    public Task<RingClient> Join(string id, PeerOptions? options = null) =>
        RingClient.JoinAsync(Roster, id, (options ?? new PeerOptions()) with { Folder = FolderOf(id) }, stopping.Token);

    /// <summary>Runs a program for each peer, each on a thread of its own. When one of them fails or they take too long, all
    /// peers are asked to leave first, so that none of them is left over beside later tests.</summary>
    /// <returns>What they returned, in the roster's order; the first exception is thrown.</returns>
    public async Task<T[]> Run<T>(Func<string, Task<T>> program)
    {
        Task<T>[] programs =
            [.. Ids.Select(id => Task.Factory.StartNew(() => program(id), TaskCreationOptions.LongRunning).Unwrap())];
        var late = Task.Delay(limit);
        await foreach (var next in Task.WhenEach([.. programs, late]))
        {
            if (programs.All(one => one.IsCompletedSuccessfully))
                break;
            if (next.IsCompletedSuccessfully && next != late)
                continue;
            var what = next.Exception?.InnerException ?? (next == late
                ? new TimeoutException($"after {limit}: {string.Join("; ", Ids.Zip(programs, Describe))}")
                : new OperationCanceledException("a program was cancelled"));
            await stopping.CancelAsync();
            await Task.WhenAny(Task.WhenAll(programs), Task.Delay(limit));
            ExceptionDispatchInfo.Throw(what);
        }
        return await Task.WhenAll(programs);
    }

    string Describe(string id, Task program)
    {
        var metrics = Path.Combine(FolderOf(id), MetricsFolder.FileName);
        return $"{id} {program.Status}, last event {(File.Exists(metrics) ? File.ReadLines(metrics).LastOrDefault() : "none")}";
    }

    public void Dispose()
    {
        stopping.Dispose();
        folder.Dispose();
    }
}
