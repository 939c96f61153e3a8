using System.Text.Json;
using System.Text.Json.Nodes;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The settings of a comparison: a small file with a network, data, how long, how many workers, and a series of runs a
/// method.</summary>
sealed class CompareSettings
{
    /// <summary>The arithmetic of the runs: results of another one are made again.</summary>
    const int Rules = 2;

    const int WorkersMax = PeerSet.Capacity;

    /// <summary>The fields of peers.json that say how a method works; a comparison sets the others, or has no use for
    /// them.</summary>
    static readonly string[] methodFields = ["batch", "method", "ties", "weightDecay", "weightDecayOf", "beta1", "beta2",
        "accumulate", "localSteps", "gradientClip", "delay", "kappa", "momentumSync", "momentumSyncBy", "keep", "keepWarmup",
        "finalLearningRate"];

    readonly string file;
    readonly JsonObject tree;
    readonly List<CompareSeries> series = [];
    readonly Dictionary<string, float> clips = [];
    IReadOnlyList<int>? gridWorkers;

    /// <summary>The digests of the files that the field model names: results are of their contents, wherever they lie.</summary>
    readonly Lazy<IReadOnlyList<(string Field, string Digest)>> digests;

    CompareSettings(string file, JsonObject tree)
    {
        (this.file, this.tree) = (file, tree);
        digests = new(() =>
        [
            .. Model is TorchScriptSettings script ? [("digest", FileDigest.Of(script.Path))] : Array.Empty<(string, string)>(),
            .. Start is { } start ? [("start", FileDigest.Of(start.Path))] : Array.Empty<(string, string)>(),
        ]);
    }

    /// <summary>The comparison's name, also of its folder of results.</summary>
    public required string Name { get; init; }

    public required NetworkSettings Model { get; init; }

    /// <summary>The weights that all runs start from; null for random ones by each run's seed.</summary>
    public required StartSettings? Start { get; init; }

    public required DataSettings Data { get; init; }

    /// <summary>The share of the training part that is not trained on, but that learning rates are chosen by.</summary>
    public required double ValidationShare { get; init; }

    /// <summary>The number of passes over all samples in a run, by all workers together; null where the file says how many
    /// samples.</summary>
    public required double? Epochs { get; init; }

    /// <summary>The number of samples taken in a run instead, by all workers together.</summary>
    public required long Samples { get; init; }

    /// <summary>Evaluations in a run, evenly spaced; the last one is at its end.</summary>
    public required int Evaluations { get; init; }

    /// <summary>The share of a run's steps in which the learning rate rises, of series that have none of their own.</summary>
    public required double Warmup { get; init; }

    /// <summary>The numbers of workers with which learning rates are looked for, ascending; by runs of the first seed. All,
    /// unless the file says which.</summary>
    public IReadOnlyList<int> GridWorkers => gridWorkers ?? [.. series.SelectMany(one => one.Workers).Distinct().Order()];

    /// <summary>The most learning rates that a grid gets beyond its edges.</summary>
    public required int GridBeyond { get; init; }

    /// <summary>The gradient clip of each series.</summary>
    public IReadOnlyDictionary<string, float> GradientClips => clips;

    /// <summary>A sentence, when not all series have the same gradient clip; else null.</summary>
    public string? UnequalClips => clips.Values.Distinct().Count() < 2 ? null
        : $"gradientClip differs, so these series are not compared alike: {string.Join(", ", clips.Select(one =>
            FormattableString.Invariant($"{one.Key} {one.Value:G4}")))}; give one in \"common\"";

    /// <summary>The series, in the file's order.</summary>
    public IReadOnlyList<CompareSeries> Series => series;

    /// <summary>The series' names, in the file's order.</summary>
    public IReadOnlyList<string> Names => [.. series.Select(one => one.Name)];

    /// <summary>The number of runs that are compared.</summary>
    public int Count => series.Sum(one => one.Workers.Count * one.Seeds.Count);

    /// <summary>The metric that runs are ranked by.</summary>
    public ComparisonMetric ComparisonMetric => ComparisonMetric.Of(Data);

    /// <summary>Reads and checks the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">Where this host has its data, when not where the file says.</param>
    /// <exception cref="SettingsException">A field is missing, unknown or out of line.</exception>
    public static CompareSettings Read(string path, string? data)
    {
        if (new FileInfo(path) is { Exists: true, Length: 0 }) // a pipe, which would keep the reader waiting, and is read once
            throw new SettingsException(path, "", "is empty, or no regular file; allowed is a regular file with settings");
        var root = SettingsReader.Open(path);
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var model = root.Section("model");
        var network = ModelSection.Read(model, folder);
        var dataset = DataSection.Read(root.Section("data"), folder, data, 1, network);
        var settings = new CompareSettings(path, JsonNode.Parse(File.ReadAllText(path), documentOptions: options)!.AsObject())
        {
            Name = root.Text("name"),
            Model = network,
            Start = StartSection.Read(model, folder),
            Data = dataset,
            ValidationShare = root.Number("validation", 0, 1, 0.1, excludeMin: true, excludeMax: true),
            Epochs = root.Has("epochs") ? root.Number("epochs", 0, 1e6, excludeMin: true) : null,
            Samples = root.Has("samples") || !root.Has("epochs") ? root.Long("samples", 1, 1_000_000_000) : 0,
            Evaluations = root.Int("evaluations", 1, 10_000, 10),
            Warmup = root.Number("warmup", 0, 1, 0.05),
            GridBeyond = root.Int("gridBeyond", 0, 16, 4),
            gridWorkers = root.Has("gridWorkers") ? [.. root.Ints("gridWorkers", 1, WorkersMax).Order()] : null,
        };
        if (settings is { Epochs: not null, Samples: > 0 })
            throw root.Error("samples",
                $"found {settings.Samples} together with epochs, which is {settings.Epochs}; allowed is one of the two");
        if (!TrainingSettings.IsRunName(settings.Name))
            throw root.Error("name", $"found \"{settings.Name}\"; allowed are {TrainingSettings.RunNames}");
        if (root.Has("common"))
            Know(root.Section("common"));
        var workers = root.Has("workers") ? root.Ints("workers", 1, WorkersMax) : null;
        var seeds = root.Has("seeds") ? root.Unsigneds("seeds") : [1, 2, 3];
        foreach (var (at, one) in root.List("series", 1, 1000).Index())
            settings.Add(one, at, workers, seeds);
        root.Finish();
        foreach (var one in settings.series)
            foreach (var count in settings.AllWorkers(one))
                foreach (var rate in one.Rates)
                    // so that all errors are found at the start
                    settings.clips[one.Name] =
                        settings.Spec(one, count, one.Seeds[0], rate, new TrainingSplit(1_000_000, "")).Training.GradientClip;
        return settings;
    }

    void Add(SettingsReader one, int at, IReadOnlyList<int>? workers, IReadOnlyList<ulong> seeds)
    {
        Know(one);
        var name = one.Text("name", one.Has("method") ? one.Text("method") : null);
        if (name.Length > 64 || !name.Any(char.IsLetterOrDigit) || name.Any(c => char.IsControl(c) || "\\/:*?\"<>|".Contains(c))
            || series.Exists(other => string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase)))
            throw one.Error("name",
                $"found \"{name}\"; allowed are 1 to 64 characters, a letter or digit among them, no control character "
                    + "and none of "
                + "\\ / : * ? \" < > |, and for each series another name: results are kept in files by that name");
        var partition = Data.Partition;
        if (one.Has("partition"))
            partition = Partition.Parse(one.Text("partition"))
                ?? throw one.Error("partition", $"found \"{one.Text("partition")}\"; allowed is {Partition.Allowed}");
        var counts = workers is null || one.Has("workers") ? one.Ints("workers", 1, WorkersMax) : workers;
        series.Add(new CompareSeries(name, at, partition, counts, one.Has("seeds") ? one.Unsigneds("seeds") : seeds,
            one.Numbers("learningRate", 0, 1, excludeMin: true), SeriesBatches.Read(one, counts),
            one.Number("warmup", 0, 1, Warmup)));
    }

    /// <summary>Opens the data and cuts its validation part.</summary>
    /// <exception cref="DataException">Something is wrong with it.</exception>
    public HeldOutDataset Open() => new(Data.Open(), ValidationShare);

    /// <summary>Refuses what cannot be with the data, before hours of other runs.</summary>
    /// <exception cref="CheckpointException">The weights to start from cannot be read, or are no such network's.</exception>
    /// <exception cref="SettingsException">There is no such network for such data, or it cannot be divided so.</exception>
    public void Check(IDataset dataset)
    {
        try
        {
            using var network = NetworkFactory.Create(Model, dataset.SampleShape, dataset.Classes);
            if (Start is not null)
                StartWeights.Apply(Start, network);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException(file, "model", e.Message, e);
        }
        foreach (var one in series)
            foreach (var count in AllWorkers(one))
                RefuseLongStep(one, count, new TrainingSplit(dataset.Train.Count, ""));
        foreach (var one in series.Where(one => one.Partition.Kind != PartitionKind.Iid))
            foreach (var count in AllWorkers(one))
            {
                if (count == 1)
                    throw new SettingsException(file, $"series[{one.At}].workers",
                        $"found 1 with partition {one.Partition}; allowed are 2 and more, to divide the data among");
                try
                {
                    _ = one.Partition.ShardOf(dataset, 0, count, one.Seeds[0]);
                }
                catch (DataException e)
                {
                    throw new SettingsException(file, $"series[{one.At}].partition", e.Message, e);
                }
            }
    }

    /// <summary>Refuses a step that takes more samples than the whole run may.</summary>
    void RefuseLongStep(CompareSeries one, int workers, TrainingSplit split)
    {
        var (step, run) = (Spec(one, workers, one.Seeds[0], one.Rates[0], split).SamplesPerStep, SamplesOf(split));
        if (step > run)
            throw new SettingsException(file, $"series[{one.At}]",
                $"one step of {workers} workers takes {step} samples, more than the {run:F0} of the whole run (set by "
                + (Epochs is null ? "samples" : "epochs") + "); use fewer workers, a smaller batch, accumulate or localSteps, "
                + "or a longer run");
    }

    double SamplesOf(TrainingSplit split) => Epochs * split.Count ?? Samples;

    /// <summary>The number of workers whose best learning rate runs take: the most of <see cref="GridWorkers"/> that are no more
    /// than theirs, else the fewest.</summary>
    public int GridFor(int workers) => GridWorkers.LastOrDefault(one => one <= workers, GridWorkers[0]);

    /// <summary>The runs that look for a learning rate; none for a series that has one only.</summary>
    /// <param name="split">The training part.</param>
    /// <param name="tried">Results of them: where the best rate is at the edge of all that were tried, there are more.</param>
    public IEnumerable<RunSpec> Grid(TrainingSplit split, IReadOnlyList<RunResult> tried) =>
        from one in series
        where one.HasGrid
        from workers in one.Workers.Select(GridFor).Distinct()
        from rate in LearningRateGrid.Of(one.Rates, GridBeyond, rates => BestOf(rates, one.Name, workers, tried))
        select Spec(one, workers, one.Seeds[0], rate, split);

    /// <summary>The runs that are compared.</summary>
    /// <param name="split">The training part.</param>
    /// <param name="tried">What came of the grid's runs; a series with a grid has no runs before there is one.</param>
    public IEnumerable<RunSpec> Runs(TrainingSplit split, IReadOnlyList<RunResult> tried) =>
        from one in series
        from workers in one.Workers
        let rate = one.HasGrid ? ComparisonMetric.BestRate(one.Name, GridFor(workers), tried) : one.Rates[0]
        where rate is not null
        from seed in one.Seeds
        select Spec(one, workers, seed, rate.Value, split);

    double? BestOf(IReadOnlyList<double> rates, string name, int workers, IReadOnlyList<RunResult> tried)
    {
        RunResult[] some = [.. tried.Where(run => run.Series == name && run.Workers == workers
            && rates.Any(rate => (float)rate == (float)run.LearningRate))];
        return some.Length == rates.Count ? ComparisonMetric.BestRate(name, workers, some) : null;
    }

    /// <summary>The numbers of workers that a series has runs with.</summary>
    IEnumerable<int> AllWorkers(CompareSeries one) => one.Workers.Union(one.Workers.Select(GridFor));

    RunSpec Spec(CompareSeries one, int workers, ulong seed, double rate, TrainingSplit split)
    {
        var said = (tree["common"] ?? new JsonObject()).DeepClone().AsObject();
        foreach (var (field, value) in tree["series"]![one.At]!.AsObject())
            if (methodFields.Contains(field))
                said[field] = value?.DeepClone();
        (said["run"], said["seed"], said["learningRate"], said["steps"]) = (Name, seed, rate, 1);
        var each = Read(said, one);
        var steps = Math.Max(1,
            (long)Math.Round(SamplesOf(split)
                / ((double)one.Batches.Sum(workers, each.Batch) * each.Accumulate * each.LocalSteps)));
        (said["steps"], said["warmup"]) = (steps, (long)(one.Warmup * steps));
        var training = Read(said, one);
        var (model, data) = (tree["model"]!.DeepClone().AsObject(), tree["data"]!.DeepClone().AsObject());
        data.Remove("path");
        model.Remove("path");
        data["digest"] = split.Digest;
        data["partition"] = one.Partition.ToString();
        foreach (var (field, digest) in digests.Value)
            model[field] = digest;
        (said["model"], said["data"], said["evaluations"], said["validation"], said["rules"]) =
            (model, data, Evaluations, ValidationShare, Rules);
        one.Batches.Say(said);
        if (OptimizerRules.RefusalOfBatches(training.Method, one.Batches.Of(workers)) is { } refusal)
            throw new SettingsException(file, $"series[{one.At}].batches", refusal);
        return new RunSpec(one.Name, workers, training, one.Partition, said.ToJsonString())
        {
            Batches = one.Batches.Of(workers),
            IsWeighted = one.Batches.IsWeighted,
        };
    }

    static void Know(SettingsReader section)
    {
        foreach (var field in methodFields)
            _ = section.Has(field);
    }

    TrainingSettings Read(JsonObject said, CompareSeries one)
    {
        var root = SettingsReader.Parse(said.ToJsonString(), $"{file}, series \"{one.Name}\"");
        var training = TrainingSettings.Read(root);
        root.Finish();
        return training;
    }
}
