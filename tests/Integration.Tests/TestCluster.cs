using System.Text.Json;
using System.Text.Json.Nodes;
using DecentralizedLion.Integration.Tests.Pool;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Integration.Tests;

/// <summary>A folder with a peers.json and room for the peers' own folders; ends its processes and goes away with the
/// test.</summary>
sealed class TestCluster : IDisposable
{
    /// <summary>Fields with which every ballot is waited for, however busy the machine is.</summary>
    public const string AllVote = """ "deadline": "off", "suspectAfter": 60 """;

    /// <summary>Steps that no test waits for the end of.</summary>
    public const long Endless = 1_000_000;

    /// <summary>The factor by which gradients are slowed down in an endless run, so that a ring beside which a test waits leaves
    /// the cores to other tests.</summary>
    const int Pace = 10;

    static readonly string[] names = ["a", "b", "c", "d", "e"];

    readonly string root = Directory.CreateTempSubdirectory("process-tests-").FullName;
    readonly List<PeerProcess> processes = [];
    readonly IHosts? hosts;
    readonly bool pooled;

    /// <param name="peers">How many, up to five: a, b, c, …</param>
    /// <param name="settings">Fields of peers.json that are not what they are here for most tests.</param>
    /// <param name="hosts">Where the peers run; null: all on this host, over loopback.</param>
    /// <param name="secure">Whether links are encrypted, with a key file for each peer.</param>
    /// <param name="pooled">Whether commands run in processes of the pool; else each has one of its own.</param>
    public TestCluster(int peers, string? settings = null, IHosts? hosts = null, bool secure = false, bool pooled = false)
    {
        (this.hosts, this.pooled) = (hosts, pooled);
        Names = names[..peers];
        Settings = JsonNode.Parse("""
            {
              "run": "test", "seed": 7, "steps": 30, "batch": 4, "learningRate": 0.002, "weightDecay": 0.1, "warmup": 3,
              "finalLearningRate": 0.1, "evaluateEvery": 0, "checkpointEvery": 0, "insecure": true,
              "model": { "kind": "mlp", "width": 16, "depth": 1 },
              "data": { "kind": "glyphs", "size": 16, "trainCount": 500, "testCount": 100 }
            }
            """)!.AsObject();
        if (settings is not null)
            foreach (var (field, value) in JsonNode.Parse(settings)!.AsObject())
                Settings[field] = value?.DeepClone();
        var port = LoopbackPorts.Take(peers * peers);
        Settings["peers"] = new JsonArray([.. Names.Select((name, i) => new JsonObject
        {
            ["id"] = name,
            ["address"] = hosts?.AddressOf(i) ?? "127.0.0.1",
            ["port"] = port + i * peers,
        })]);
        if (secure)
            Settings["insecure"] = false;
        foreach (var name in secure ? Names : [])
            EntryOf(name)["key"] = NewKey(name);
        if (hosts is not null && !secure)
            Settings["anyoneOnTheNetworkMayReadAndForgeTheTraining"] = true;
        PeersFile = Write("peers.json", Settings);
    }

    public IReadOnlyList<string> Names { get; }

    public JsonObject Settings { get; }

    public string PeersFile { get; }

    public string In(params string[] path) => Path.Combine([root, .. path]);

    /// <summary>A peer's entry in peers.json; to be written by <see cref="Write"/>.</summary>
    public JsonObject EntryOf(string name) => Settings["peers"]![Names.ToList().IndexOf(name)]!.AsObject();

    public string KeyFileOf(string name) => KeyFile.PathFor(In("peers.json"), name);

    /// <summary>Gives a peer a new key file.</summary>
    /// <returns>Its public key.</returns>
    public string NewKey(string name)
    {
        using var key = PeerKeyPair.Create();
        KeyFile.Write(KeyFileOf(name), key, replace: true);
        return $"{key.Public}";
    }

    public string FolderOf(string name) => In("out", name);

    public RunConfig Run() => RunConfig.Read(PeersFile);

    /// <summary>The same settings in another file, one field changed.</summary>
    public string Write(string file, JsonNode settings)
    {
        File.WriteAllText(In(file), settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return In(file);
    }

    /// <summary>A peer as the demo starts it: events on its output, told to leave on its input.</summary>
    public PeerProcess Peer(string name, params string[] more) =>
        Program(name, ["run", "--child", .. Arguments(name), .. more.Contains("--slow") ? [] : Paced, .. more],
            hosts?.On(Names.ToList().IndexOf(name)));

    /// <summary>A peer as a person starts it, in a process of its own.</summary>
    public PeerProcess OwnPeer(string name) => Follow(name, OwnProgram.Start([],
        ["run", "--plain", .. Arguments(name), .. Paced]));

    public PeerProcess[] AllPeers() => [.. Names.Select(name => Peer(name))];

    /// <summary>Runs all peers to the end of the run.</summary>
    public async Task Train()
    {
        foreach (var peer in AllPeers())
            await peer.Exits(0);
    }

    public PeerProcess Program(string name, IReadOnlyList<string> arguments, IReadOnlyList<string>? before = null) =>
        Follow(name, before is null && pooled ? ProcessPool.Shared.Start(arguments) : OwnProgram.Start(before ?? [], arguments));

    public byte[] Checkpoint(string name, long step) => File.ReadAllBytes(CheckpointFile(name, step));

    public string CheckpointFile(string name, long step) => Path.Combine(FolderOf(name), $"step-{step:D8}.safetensors");

    /// <summary>The step of the newest checkpoint.</summary>
    public long Newest(string name) =>
        new CheckpointFolder(FolderOf(name)).Steps() is [var step, ..] ? step : -1;

    public IReadOnlyList<PeerEvent> Metrics(string name) =>
        [.. File.ReadLines(Path.Combine(FolderOf(name), "metrics.jsonl")).Select(EventLine.TryRead).OfType<PeerEvent>()];

    public void Dispose()
    {
        foreach (var process in processes)
            process.Dispose();
        Directory.Delete(root, recursive: true);
    }

    string[] Arguments(string name) => ["--peers", PeersFile, "--id", name, "--out", FolderOf(name), "--threads", "1"];

    string[] Paced => Settings["steps"]!.GetValue<long>() >= Endless ? ["--slow", $"{Pace}"] : [];

    PeerProcess Follow(string name, IProgram program)
    {
        var process = new PeerProcess(name, program, TimeProvider.System);
        processes.Add(process);
        return process;
    }
}
