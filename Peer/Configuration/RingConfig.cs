using System.Text.Json;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The part of peers.json that the ring needs, whatever is trained: the run's name, the peers, and how steps are agreed
/// on.</summary>
sealed record RingConfig
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The run's name: part of the fingerprint and of the output folder.</summary>
    public required string Run { get; init; }

    /// <summary>The way of the exchange: auto, ring or direct.</summary>
    public required string Exchange { get; init; }

    /// <summary>The rule by which a ballot is late: adaptive or off.</summary>
    public required string Deadline { get; init; }

    /// <summary>Seconds without a sign of life of a peer after which it is suspected to be dead.</summary>
    public required double SuspectAfter { get; init; }

    /// <summary>Steps between checkpoints; 0 for only at the end.</summary>
    public required long CheckpointEvery { get; init; }

    /// <summary>Steps in a row without a finite gradient after which a peer stops.</summary>
    public required int NonFiniteLimit { get; init; }

    /// <summary>The least number of members of the ring with which steps are made.</summary>
    public required int MinPeers { get; init; }

    /// <summary>The samples of a step are shared out by the peers' measured gradient times.</summary>
    public required bool IsBatchShared { get; init; }

    /// <summary>The peers.</summary>
    public required Roster Roster { get; init; }

    /// <summary>All fields of the file but the peers', as they are written, the objects in it with dots:
    /// <c>data.kind</c>.</summary>
    public required IReadOnlyList<FingerprintField> Written { get; init; }

    /// <summary>What the operator ought to know about the links before the first step.</summary>
    public IEnumerable<string> Warnings()
    {
        if (Roster is { Insecure: true, IsLocal: false })
            yield return "WARNING: links are neither encrypted nor authenticated (insecure, "
                + "anyoneOnTheNetworkMayReadAndForgeTheTraining): whoever is on the network can read the training, change it and "
                + "take part in it";
        if (Roster.IgnoresKeys())
            yield return RunConfig.KeysIgnored;
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ownFields">Fields of it that somebody else reads.</param>
    /// <exception cref="SettingsException">A field is missing, unknown or out of line.</exception>
    public static RingConfig Read(string path, IReadOnlyCollection<string> ownFields)
    {
        var root = File.Exists(path) ? SettingsReader.Open(path)
            : throw new SettingsException(path, "", "there is no such file");
        var config = Read(root, path);
        foreach (var field in ownFields)
            root.Has(field);
        root.Finish();
        return config;
    }

    /// <summary>Reads the fields of the ring; others are left to the caller.</summary>
    public static RingConfig Read(SettingsReader root, string path)
    {
        var config = new RingConfig
        {
            Path = path,
            Run = root.Text("run"),
            Exchange = root.OneOf("exchange", TrainingSettings.Exchanges, "auto"),
            Deadline = root.OneOf("deadline", TrainingSettings.Deadlines, "adaptive"),
            SuspectAfter = root.Number("suspectAfter", 0.5, 3600, 2),
            CheckpointEvery = root.Long("checkpointEvery", 0, 1_000_000_000, 200),
            NonFiniteLimit = root.Int("nonFiniteLimit", 1, 1_000_000, 10),
            MinPeers = root.Int("minPeers", 1, Roster.MaxPeers, 1),
            IsBatchShared = root.Says("batch", TrainingSettings.SharedBatch),
            Roster = Roster.Read(root),
            Written = Flatten(root),
        };
        CheckMinPeers(root, config.MinPeers, config.Roster);
        if (config.IsBatchShared && config.Roster.HasBatches)
            throw root.Error("batch",
                "found \"auto\" together with a batch of a peer's own in peers; allowed is one of the two");
        return TrainingSettings.IsRunName(config.Run) ? config
            : throw root.Error("run", $"found \"{config.Run}\"; allowed are {TrainingSettings.RunNames}");
    }

    /// <exception cref="SettingsException">There are fewer peers than <c>minPeers</c>.</exception>
    public static void CheckMinPeers(SettingsReader root, int minPeers, Roster roster)
    {
        if (minPeers > roster.Count)
            throw root.Error("minPeers", $"found {minPeers}; allowed is a whole number from 1 to {roster.Count}, the number of "
                + "peers: with fewer members than minPeers no step is made");
    }

    /// <summary>The fields that must be equal on all hosts, defaults applied.</summary>
    public IEnumerable<FingerprintField> Fields() =>
    [
        new("run", Run),
        new("exchange", Exchange),
        new("checkpointEvery", TrainingSettings.Text(CheckpointEvery)),
        new("nonFiniteLimit", TrainingSettings.Text(NonFiniteLimit)),
        new("deadline", Deadline),
        new("minPeers", TrainingSettings.Text(MinPeers)),
        new("peers", string.Join(",", Roster.Peers.Select(peer => peer.Id))),
        .. Roster.BatchFields(),
    ];

    static FingerprintField[] Flatten(SettingsReader root)
    {
        var fields = new List<FingerprintField>();
        Add(root.Values, "");
        return [.. fields];

        void Add(IEnumerable<KeyValuePair<string, JsonElement>> values, string prefix)
        {
            foreach (var (name, value) in values)
            {
                if (value.ValueKind == JsonValueKind.Object)
                    Add(value.EnumerateObject().Select(inner => KeyValuePair.Create(inner.Name, inner.Value)),
                        $"{prefix}{name}.");
                else if (prefix != "" || name != "peers")
                    fields.Add(new(prefix + name, value.ValueKind switch
                    {
                        JsonValueKind.String => value.GetString()!,
                        JsonValueKind.Array => JsonSerializer.Serialize(value),
                        _ => value.GetRawText(),
                    }));
            }
        }
    }
}
