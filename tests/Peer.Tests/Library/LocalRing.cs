using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>A roster of peers on loopback, whose programs run on threads of this process.</summary>
sealed class LocalRing : IDisposable
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder folder = new();

    /// <param name="peers">How many: a, b, c and so on.</param>
    /// <param name="fields">More fields of the roster's file.</param>
    /// <param name="prefix">The beginning of each id.</param>
    /// <param name="batches">The batch of each peer; null: none is said.</param>
    public LocalRing(int peers, string fields = "", string prefix = "", int[]? batches = null)
    {
        Ids = [.. Enumerable.Range(0, peers).Select(i => $"{prefix}{(char)('a' + i)}")];
        var ports = FreePorts(peers);
        var entries = Ids.Select((id, i) => new Dictionary<string, object>
        {
            ["id"] = id,
            ["address"] = "127.0.0.1",
            ["port"] = ports[i],
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
        RingClient.JoinAsync(Roster, id, (options ?? new PeerOptions()) with { Folder = FolderOf(id) });

    /// <summary>Runs a program for each peer, each on a thread of its own.</summary>
    /// <returns>What they returned, in the roster's order; the first exception is thrown.</returns>
    public async Task<T[]> Run<T>(Func<string, Task<T>> program) =>
        await Task.WhenAll(Ids.Select(id => Task.Factory.StartNew(() => program(id), TaskCreationOptions.LongRunning).Unwrap()))
            .WaitAsync(limit);

    public void Dispose() => folder.Dispose();

    /// <summary>An insecure peer listens on a port for each other peer. Ports that outgoing connections may get are left out: a
    /// dialler could meet itself there.</summary>
    static int[] FreePorts(int peers)
    {
        for (; ; )
        {
            var first = Random.Shared.Next(20000, 32000);
            var all = Enumerable.Range(first, peers * Math.Max(1, peers - 1)).ToArray();
            if (all.All(IsFree))
                return [.. Enumerable.Range(0, peers).Select(i => all[i * Math.Max(1, peers - 1)])];
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
