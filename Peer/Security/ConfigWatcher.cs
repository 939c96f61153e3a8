using System.Security.Cryptography;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Security;

/// <summary>
/// Checks peers.json and this peer's key file while it trains. When only keys, addresses or ports were changed, the links that
/// they belong to are connected again; any other change is reported once, and the old settings stay in force.
/// </summary>
/// <param name="run">peers.json in force.</param>
/// <param name="read">Reads it again.</param>
/// <param name="links">The links in force.</param>
/// <param name="identity">This peer and its files.</param>
/// <param name="relink">Makes links anew; returns what hinders some of them, and tries again when called again.</param>
/// <param name="note">Takes a line for a person.</param>
sealed class ConfigWatcher(
    RingConfig run, Func<RingConfig> read, TransportEndpoints links, PeerIdentity identity,
    Func<TransportEndpoints, Task<IReadOnlyList<string>>> relink, Action<string> note) : IDisposable
{
    /// <summary>The interval at which the files are checked.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource stop = new();
    byte[] judged = [], seen = [];
    IReadOnlyList<string> hindrances = [];
    string reported = "";

    /// <summary>Begins to look.</summary>
    public void Start(TimeProvider time) => _ = CheckAgainAndAgain(time);

    /// <summary>Looks no more.</summary>
    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    /// <summary>Looks once. A change is judged when it has stood for two looks: an editor may write a file bit by bit.</summary>
    internal async Task Check()
    {
        var now = Contents();
        var (settled, unchanged) = (now.SequenceEqual(seen), now.SequenceEqual(judged));
        seen = now;
        if (settled && !unchanged)
        {
            judged = now;
            await Apply();
        }
        else if (hindrances.Count > 0)
        {
            await Relink(links);
        }
    }

    async Task CheckAgainAndAgain(TimeProvider time)
    {
        var stopped = stop.Token;
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopped))
                await Check();
        }
        catch (Exception e) when (stopped.IsCancellationRequested || e is IOException)
        {
            // The ring has closed its sockets; or a line could not be written, which ends the training, too.
        }
        catch (Exception e)
        {
            note($"changes to {run.Path} are ignored until this peer is restarted: {e.Message}"); // not in silence
        }
    }

    async Task Apply()
    {
        RingConfig changed;
        TransportEndpoints wanted;
        try
        {
            changed = read();
            if (OtherChange(changed) is { } field)
            {
                Report($"{run.Path} was changed: {field}. That needs a restart of all peers; until then the old settings "
                    + "stay in use");
                return;
            }
            wanted = identity.Links(changed.Roster);
        }
        catch (Exception e) when (e is SettingsException or KeyFileException)
        {
            Report($"{e.Message}. The links are not changed");
            judged = []; // the file may have been written while it was read
            return;
        }
        reported = "";
        var names = changed.Roster.Peers.Where(peer => peer.Index != identity.Self.Index && !links.IsSameLink(wanted, peer.Index))
            .Select(peer => peer.Id);
        var (concerned, what) = (string.Join(", ", names), string.Join(", ", Changes(changed)));
        (run, links) = (changed, wanted);
        if (concerned.Length == 0)
            return;
        note($"{what}; the links to {concerned} are connected again");
        await Relink(wanted);
    }

    async Task Relink(TransportEndpoints wanted)
    {
        hindrances = await relink(wanted);
        foreach (var hindrance in hindrances)
            Report(hindrance);
    }

    void Report(string text)
    {
        if (text != reported)
            note(text);
        reported = text;
    }

    /// <summary>The first thing that was changed and is neither an address nor a port nor a key; null: nothing.</summary>
    string? OtherChange(RingConfig now)
    {
        if (run.Roster.Insecure != now.Roster.Insecure)
            return $"insecure was {(run.Roster.Insecure ? "true" : "false")} and is {(now.Roster.Insecure ? "true" : "false")}";
        var (mine, theirs) = (Fingerprint(run), Fingerprint(now));
        return mine.Differences(theirs.Fields) is [var d, ..]
            ? $"{d.Field} was {d.Mine ?? "absent"} and is {d.Theirs ?? "absent"}" : null;

        static Fingerprint Fingerprint(RingConfig config) =>
            new([.. config.Written, new("peers", string.Join(",", config.Roster.Peers.Select(peer => peer.Id)))]);
    }

    IEnumerable<string> Changes(RingConfig now) => run.Roster.Peers.Zip(now.Roster.Peers)
        .Where(pair => pair.First != pair.Second)
        .Select(pair => !Equals(pair.First.Key, pair.Second.Key) ? $"{pair.Second.Id} has the key {pair.Second.Key} now"
            : $"{pair.Second.Id} is at {pair.Second.Address} port {pair.Second.Port} now");

    /// <summary>A digest of the files, so that no secret stays in memory; a file that cannot be read counts, too.</summary>
    byte[] Contents()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in identity.Files)
        {
            try
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
                if (!OperatingSystem.IsWindows())
                    hash.AppendData(BitConverter.GetBytes((int)File.GetUnixFileMode(file)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                hash.AppendData([0]);
            }
        }
        return hash.GetHashAndReset();
    }
}
