using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>peers.json, read and checked: what all peers share.</summary>
sealed record RunConfig(string Path, TrainingSettings Training, Roster Roster, NetworkSettings Model, DataSettings Data)
{
    /// <summary>The weights that the training starts from; null for the network's own initial weights.</summary>
    public StartSettings? Start { get; init; }

    /// <param name="path">The file.</param>
    /// <param name="data">Where this host has its data, when not where the file says.</param>
    /// <exception cref="SettingsException">A field is missing, unknown or out of line.</exception>
    public static RunConfig Read(string path, string? data = null) =>
        File.Exists(path) || Directory.Exists(path) ? Read(SettingsReader.Open(path), path, data)
        : throw new SettingsException(path, "", "there is no such file; --peers FILE says where it is");

    internal static RunConfig Read(SettingsReader root, string path, string? data)
    {
        var training = TrainingSettings.Read(root);
        var roster = Roster.Read(root);
        RingConfig.CheckMinPeers(root, training.MinPeers, roster);
        if (roster.HasBatches && training.GlobalBatch is { } sum)
            throw root.Error("globalBatch",
                $"found {sum} together with a batch of a peer's own in peers; allowed is one of the two");
        if (OptimizerRules.RefusalOfBatches(training.Method, roster.BatchesOf(training.Batch)) is { } refusal)
            throw root.Error("peers", refusal);
        if (training.IsBatchShared && OptimizerRules.RefusalOfShares(training.Method) is { } reason)
            throw root.Error("batch", reason);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        var section = root.Section("model");
        var model = ModelSection.Read(section, folder);
        var run = new RunConfig(
            path, training, roster, model, DataSection.Read(root.Section("data"), folder, data, training.Seed, model))
        {
            Start = StartSection.Read(section, folder),
        };
        root.Finish();
        return run;
    }

    /// <summary>The fields of peers.json that are the training's and not the ring's.</summary>
    public static readonly IReadOnlyList<string> TrainingFields =
    [
        "seed", "steps", "batch", "globalBatch", "method", "ties", "learningRate", "weightDecay", "weightDecayOf", "beta1",
        "beta2", "accumulate", "localSteps", "gradientClip", "delay", "kappa", "momentumSync", "momentumSyncBy", "theory", "keep",
        "keepWarmup", "warmup",
        "finalLearningRate", "evaluateEvery", "evaluateSamples", "model", "data",
    ];

    /// <summary>Opens the data.</summary>
    /// <param name="check">How they are read through before anything is drawn of them; null to check each piece when it is
    /// drawn.</param>
    /// <exception cref="DataException">They are not there, or not what they must be.</exception>
    public IDataset OpenData(DataCheckOptions? check = null)
    {
        var data = OpenUnchecked();
        try
        {
            if (check is not null)
                data.Check(check);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    IDataset OpenUnchecked() => Data.Path is not { } place || File.Exists(place) || Directory.Exists(place) ? Data.Open()
        : throw new DataException($"data.path: {place} does not exist; allowed is where the {Data.Kind} data lie on this host: "
            + $"--data PATH says it, or data.path in {Path}");

    /// <summary>The note about keys that are not used.</summary>
    public const string KeysIgnored = "the keys in peers.json are ignored: with \"insecure\": true links are neither encrypted "
        + "nor authenticated";

    /// <summary>The fields that all peers must agree on, defaults applied. Addresses, ports and paths are not in it.</summary>
    /// <param name="protocol">The version of the frames.</param>
    /// <param name="parameters">How many parameters the network came to.</param>
    /// <param name="data">The data: their digest, and where each peer has its own, their shape and classes.</param>
    public Fingerprint Fingerprint(int protocol, long parameters, IDataset data) =>
        Fingerprint(protocol, parameters, DataSection.Content(Data, data));

    /// <summary>The same with data that are known by their digest only.</summary>
    public Fingerprint Fingerprint(int protocol, long parameters, ReadOnlySpan<byte> dataDigest) =>
        Fingerprint(protocol, parameters, DataSection.Content(dataDigest));

    /// <summary>The fields that all peers must agree on, but for those that the ring and the program add.</summary>
    public IReadOnlyList<FingerprintField> Fields(IDataset data) => [.. Fields(DataSection.Content(Data, data))];

    Fingerprint Fingerprint(int protocol, long parameters, IEnumerable<FingerprintField> content) => new(
    [
        new("protocol", TrainingSettings.Text(protocol)),
        .. Fields(content),
        new("model.parameters", TrainingSettings.Text(parameters)),
        new("peers", string.Join(",", Roster.Peers.Select(p => p.Id))),
        .. Roster.BatchFields(),
    ]);

    /// <summary>The number of samples that each peer takes in a step.</summary>
    public BatchSize BatchSize => Training.BatchSize with { Own = Roster.BatchesOf(Training.Batch) };

    IEnumerable<FingerprintField> Fields(IEnumerable<FingerprintField> content) =>
    [
        .. Training.Fields(), .. ModelSection.Fields(Model), .. StartSection.Fields(Start), .. DataSection.Fields(Data),
        .. content,
    ];
}
