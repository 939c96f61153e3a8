using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// Peers of one run, each a process of its own, that are killed, stopped and started again. What they say is kept with the moment
/// of its arrival. Every step's digest is compared on the way. None outlives the fleet.
/// </summary>
sealed partial class Fleet : IDisposable
{
    public const int Kill9 = 9, Continue = 18, Stop = 19;

    readonly string folder = Directory.CreateTempSubdirectory("fault-benchmark-").FullName;
    readonly string peersFile;
    readonly Func<string, string, string, string[]> command;
    readonly object changed = new();
    readonly List<ReceivedEvent> heard = [];
    readonly Dictionary<long, string> digests = [];
    readonly Process?[] processes;
    readonly long began = Stopwatch.GetTimestamp();
    string? differing;

    /// <param name="settings">The fields of peers.json, without the peers.</param>
    /// <param name="count">How many peers.</param>
    /// <param name="command">The words of a peer's command, from peers.json, the peer's id and its folder; null: peer
    /// run.</param>
    /// <param name="secure">Whether links are encrypted, with a key file for each peer beside peers.json.</param>
    public Fleet(string settings, int count, Func<string, string, string, string[]>? command = null, bool secure = false)
    {
        this.command = command ?? PeerRun;
        processes = new Process?[count];
        Names = [.. Enumerable.Range(0, count).Select(peer => $"{(char)('a' + peer)}")];
        int port = Hosts.FreePorts(count * (count - 1), group: 0);
        JsonObject root = JsonNode.Parse(settings)!.AsObject();
        root["insecure"] = !secure;
        Ports = [.. Enumerable.Range(port, count * (count - 1))];
        root["peers"] = new JsonArray([.. Names.Select((name, at) => new JsonObject
        {
            ["id"] = name,
            ["address"] = "127.0.0.1",
            ["port"] = port + at * (count - 1),
        })]);
        peersFile = Path.Combine(folder, "peers.json");
        for (int peer = 0; secure && peer < count; peer++)
        {
            using PeerKeyPair key = PeerKeyPair.Create();
            KeyFile.Write(KeyFile.PathFor(peersFile, Names[peer]), key, replace: false);
            root["peers"]![peer]!["key"] = $"{key.Public}";
        }
        File.WriteAllText(peersFile, root.ToJsonString());
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>All ports that peers listen at.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>True when what is said, steps apart, goes to the standard error, too.</summary>
    public bool Tells { get; init; }

    /// <summary>The longest time that anything is waited for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The number of events so far: the mark from which a search for later ones begins.</summary>
    public int Mark
    {
        get
        {
            lock (changed)
                return heard.Count;
        }
    }

    /// <summary>Steps whose digests were compared.</summary>
    public int Steps
    {
        get
        {
            lock (changed)
                return digests.Count;
        }
    }

    public void StartAll(params string[] more)
    {
        for (int peer = 0; peer < Names.Count; peer++)
            Start(peer, more);
    }

    public void Start(int peer, params string[] more)
    {
        string[] words = command(peersFile, Names[peer], Path.Combine(folder, Names[peer]));
        ProcessStartInfo start = new ChildLaunch(words[0], words[1..]).With(more, threads: 1);
        start.RedirectStandardError = false;
        Process process = Process.Start(start)!;
        processes[peer]?.Dispose();
        processes[peer] = process;
        new Thread(() => Read(peer, process.StandardOutput)) { IsBackground = true, Name = $"peer {Names[peer]}" }.Start();
    }

    /// <summary>Sends a signal; returns the moment before it.</summary>
    public long Signal(int peer, int signal)
    {
        long at = Stopwatch.GetTimestamp();
        if (Kill(processes[peer]!.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} to peer {Names[peer]} failed");
        return at;
    }

    /// <summary>The most memory that a peer's process has had in use.</summary>
    public double PeakBytes(int peer)
    {
        processes[peer]!.Refresh();
        return processes[peer]!.PeakWorkingSet64;
    }

    /// <summary>Deletes the folder of a peer that is not running.</summary>
    public void DeleteFolder(int peer) => Directory.Delete(Path.Combine(folder, Names[peer]), recursive: true);

    /// <summary>Lets a peer leave in order, and waits until it is gone.</summary>
    public void Leave(int peer)
    {
        int mark = Mark;
        processes[peer]!.StandardInput.WriteLine(StopSignal.Leave);
        processes[peer]!.StandardInput.Flush();
        Await($"peer {Names[peer]}'s end", mark, said => said.Peer == peer && said.Event is null);
    }

    /// <summary>The first thing said from a mark on that fits; waits for it.</summary>
    public ReceivedEvent Await(string what, int from, Predicate<ReceivedEvent> fits)
    {
        long start = Stopwatch.GetTimestamp();
        lock (changed)
        {
            for (int at = from; ; at++)
            {
                while (at == heard.Count)
                    WaitForMore(what, start);
                if (fits(heard[at]))
                    return heard[at];
            }
        }
    }

    /// <summary>Waits until every peer of some has said something that fits.</summary>
    public IReadOnlyList<ReceivedEvent> AwaitEach(string what, int from, IEnumerable<int> peers, Predicate<ReceivedEvent> fits) =>
        [.. peers.Select(peer => Await($"{what} of peer {Names[peer]}", from, said => said.Peer == peer && fits(said)))];

    /// <summary>Waits until all peers have applied a step that all were members for.</summary>
    public void AwaitWhole(int from) =>
        AwaitEach("a step with all", from, Enumerable.Range(0, Names.Count), said => said.Step is { Away.Count: 0 });

    /// <summary>The events within a time from now on.</summary>
    public IReadOnlyList<ReceivedEvent> Listen(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        lock (changed)
        {
            int from = heard.Count;
            while (time - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } rest)
                Monitor.Wait(changed, rest);
            return heard[from..];
        }
    }

    /// <summary>The events from a mark on.</summary>
    public IReadOnlyList<ReceivedEvent> Since(int from)
    {
        lock (changed)
            return heard[from..];
    }

    public void Dispose()
    {
        foreach (Process? process in processes)
        {
            if (process is null)
                continue;
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    static string[] PeerRun(string peersFile, string id, string folder) =>
    [
        "dotnet", Path.Combine(AppContext.BaseDirectory, "peer.dll"), "run", "--child", "--peers", peersFile, "--id", id,
        "--out", folder,
        "--threads", "1",
    ];

    void WaitForMore(string what, long start)
    {
        if (differing is not null)
            throw new InvalidOperationException(differing);
        if (Patience - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } rest)
        {
            Monitor.Wait(changed, rest);
            return;
        }
        IEnumerable<string> last = heard.Where(said => said.Step is null).TakeLast(20).Select(Line);
        throw new TimeoutException($"no {what} within {Patience.TotalSeconds:F0} s. The last lines:\n{string.Join('\n', last)}");
    }

    void Read(int peer, StreamReader output)
    {
        while (output.ReadLine() is { } line)
        {
            long now = Stopwatch.GetTimestamp();
            if (EventLine.TryRead(line) is { } happened)
                Add(new ReceivedEvent(now, peer, happened));
        }
        Add(new ReceivedEvent(Stopwatch.GetTimestamp(), peer, null));
    }

    void Add(ReceivedEvent said)
    {
        lock (changed)
        {
            if (said.Step is { } step && !digests.TryAdd(step.Step, step.Digest) && digests[step.Step] != step.Digest)
                differing = $"step {step.Step} has digest {step.Digest} at peer {Names[said.Peer]} and {digests[step.Step]} "
                    + "at another";
            heard.Add(said);
            if (Tells && said.Step is null)
                Console.Error.WriteLine(Line(said));
            Monitor.PulseAll(changed);
        }
    }

    string Line(ReceivedEvent said)
    {
        string text = said.Event switch
        {
            null => "ended",
            Fault fault => fault.Text,
            Note note => note.Text,
            var other => EventLine.Write(other),
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"{Stopwatch.GetElapsedTime(began, said.At).TotalSeconds,8:F2} {Names[said.Peer]}: {text}");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
