using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Tests.Security;

/// <summary>Tests of the watcher's actions and reports when peers.json or the key file changes; one check after the
/// other.</summary>
public sealed class ConfigWatcherTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly List<string> notes = [];
    readonly List<TransportEndpoints> made = [];
    readonly ConfigWatcher watcher;
    string keyOfB;
    IReadOnlyList<string> hindrances = [];

    public ConfigWatcherTests()
    {
        keyOfA = NewKey("a");
        keyOfB = NewKey("b");
        Write();
        RingConfig ring = Read();
        var identity = new PeerIdentity(Peers, ring.Roster, ring.Roster.Peers[0], null);
        watcher = new ConfigWatcher(ring, Read, identity.Links(ring.Roster), identity, now =>
        {
            made.Add(now);
            return Task.FromResult(hindrances);
        }, notes.Add);
    }

    string keyOfA;

    string Peers => folder.File("peers.json");

    /// <summary>True: somebody writes the file while it is read.</summary>
    bool IsBeingWritten { get; set; }

    RingConfig Read()
    {
        if (!IsBeingWritten)
            return RingConfig.Read(Peers, RunConfig.TrainingFields);
        string content = File.ReadAllText(Peers);
        File.WriteAllText(Peers, "");
        try
        {
            return RingConfig.Read(Peers, RunConfig.TrainingFields);
        }
        finally
        {
            File.WriteAllText(Peers, content);
        }
    }

    public void Dispose()
    {
        watcher.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task What_stays_as_it_was_is_no_news_whatever_it_looks_like()
    {
        await Look();
        File.WriteAllText(Peers, "// a comment\n" + File.ReadAllText(Peers).Replace(",", " , ", StringComparison.Ordinal));
        await Look();
        Assert.Empty(notes);
        Assert.Empty(made);
    }

    [Fact]
    public async Task A_change_is_judged_when_it_has_stood_for_two_looks()
    {
        await Look();
        File.WriteAllText(Peers, "{");  // an editor is at it
        await watcher.Check();
        Write(portOfB: 8001);
        await watcher.Check();
        Assert.Empty(notes);
        await watcher.Check();
        Assert.Equal(["b is at 127.0.0.1 port 8001 now; the links to b are connected again"], notes);
        Assert.EndsWith(":8001", Assert.Single(made).Connect[1]);
        await Look();
        Assert.Single(notes);
    }

    [Fact]
    public async Task A_file_that_was_being_written_when_it_was_read_is_read_again()
    {
        await Look();
        Write(portOfB: 8001);
        IsBeingWritten = true;
        await Look();
        await Look();
        Assert.Contains("not JSON", Assert.Single(notes));
        IsBeingWritten = false;
        await watcher.Check();
        Assert.Equal("b is at 127.0.0.1 port 8001 now; the links to b are connected again", notes[^1]);
        Assert.EndsWith(":8001", Assert.Single(made).Connect[1]);
    }

    [Fact]
    public async Task Another_peers_key_concerns_the_link_to_it_and_the_own_key_all()
    {
        await Look();
        keyOfB = NewKey("b");
        Write();
        await Look();
        Assert.Equal($"b has the key {keyOfB} now; the links to b are connected again", notes[^1]);
        keyOfA = NewKey("a");
        Write();
        await Look();
        Assert.Equal($"a has the key {keyOfA} now; the links to b, c are connected again", notes[^1]);
        Assert.Equal(2, made.Count);
        Assert.False(made[0].IsSameLink(made[1], 1) || made[0].IsSameLink(made[1], 2));
    }

    [Fact]
    public async Task Half_a_change_and_a_wrong_one_are_told_once_and_the_whole_one_is_taken()
    {
        await Look();
        string old = keyOfA;
        keyOfA = NewKey("a");
        await Look();
        await Look();
        Assert.Contains($"its public key is \"{keyOfA}\", and peers.json has \"{old}\"", Assert.Single(notes));
        File.WriteAllText(Peers, "{ no");
        await Look();
        Assert.Contains("not JSON", notes[1]);
        Write(learningRate: "0.5");
        await Look();
        Assert.Contains("learningRate was 0.001 and is 0.5. That needs a restart of all peers", notes[2]);
        Write(more: """ "evaluateEvery": 7, """);
        await Look();
        Assert.Contains("evaluateEvery was absent and is 7", notes[3]);
        Write(insecure: "true");
        await Look();
        Assert.Contains("insecure was false and is true", notes[4]);
        Write(portOfB: 7000);
        await Look();
        Assert.Contains("port 7000, which", notes[5]);
        File.Delete(Peers);
        await Look();
        Assert.Contains("there is no such file", notes[6]);
        Assert.Empty(made);
        Write();
        await Look();
        Assert.Equal(8, notes.Count);
        Assert.StartsWith($"a has the key {keyOfA} now", notes[7]);
        Assert.Single(made);
    }

    [Fact]
    public async Task An_address_that_is_not_free_is_told_once_and_tried_again()
    {
        await Look();
        hindrances = ["cannot listen at tcp://127.0.0.1:9000"];
        Write(portOfA: 9000);
        await Look();
        await Look();
        Assert.Equal(2, notes.Count);
        Assert.Equal(hindrances[0], notes[1]);
        Assert.True(made.Count > 2);
        hindrances = [];
        await Look();
        int tries = made.Count;
        await Look();
        Assert.Equal((tries, 2), (made.Count, notes.Count));
    }

    async Task Look()
    {
        await watcher.Check();
        await watcher.Check();
    }

    string NewKey(string id)
    {
        using var key = PeerKeyPair.Create();
        KeyFile.Write(folder.File(id + ".key"), key, replace: true);
        return $"{key.Public}";
    }

    void Write(int portOfA = 7000, int portOfB = 8000, string learningRate = "0.001", string more = "",
        string insecure = "false") => File.WriteAllText(Peers, $$"""
        {
          "run": "r", "steps": 100, "learningRate": {{learningRate}}, {{more}} "insecure": {{insecure}},
          "model": { "kind": "mlp" }, "data": { "kind": "glyphs" },
          "peers": [
            { "id": "a", "address": "127.0.0.1", "port": {{portOfA}}, "key": "{{keyOfA}}" },
            { "id": "b", "address": "127.0.0.1", "port": {{portOfB}}, "key": "{{keyOfB}}" },
            { "id": "c", "address": "127.0.0.1", "port": 8500, "key": "A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW" },
          ],
        }
        """);
}
