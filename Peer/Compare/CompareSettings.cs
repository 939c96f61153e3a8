using System.Text.Json;
using System.Text.Json.Nodes;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Compare;

/// <summary>What is compared: a small file with a network, data, how long, how many workers, and a series of runs a method.</summary>
public sealed class CompareSettings
{
    static readonly string[] OwnFields = ["name", "learningRate", "workers", "seeds", "partition"];

    readonly string file;
    readonly JsonObject common, model, data;
    readonly List<Series> series = [];

    CompareSettings(string file, JsonObject tree) => (this.file, common, model, data) =
        (file, Object(tree, "common", file), Object(tree, "model", file), Object(tree, "data", file));

    /// <summary>The comparison's name, also of its folder of results.</summary>
    public required string Name { get; init; }

    public required NetworkSettings Model { get; init; }
    public required DataSettings Data { get; init; }

    /// <summary>How often all samples are taken in a run, by all workers together; null where the file says how many samples.</summary>
    public required double? Epochs { get; init; }

    /// <summary>How many samples are taken in a run instead, by all workers together.</summary>
    public required long Samples { get; init; }

    /// <summary>Evaluations in a run, evenly spaced; the last one is at its end.</summary>
    public required int Evaluations { get; init; }

    /// <summary>The share of a run's steps in which the learning rate rises.</summary>
    public required double Warmup { get; init; }

    /// <summary>The numbers of workers with which learning rates are looked for, ascending; by runs of the first seed.</summary>
    public required IReadOnlyList<int> GridWorkers { get; init; }

    /// <summary>The series' names, in the file's order.</summary>
    public IReadOnlyList<string> Names => [.. series.Select(one => one.Name)];

    /// <summary>How many runs are compared.</summary>
    public int Count => series.Sum(one => one.Workers.Length * one.Seeds.Length);

    /// <summary>What runs are judged by.</summary>
    public Measure Measure => Measure.Of(Data);

    /// <summary>Reads and checks the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">Where this host has its data, when not where the file says.</param>
    /// <exception cref="SettingsException">A field is missing, unknown or out of line.</exception>
    public static CompareSettings Read(string path, string? data)
    {
        var root = SettingsReader.Open(path);
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var tree = JsonNode.Parse(File.ReadAllText(path), documentOptions: options)!.AsObject();
        var network = ModelSection.Read(root.Section("model"));
        var settings = new CompareSettings(path, tree)
        {
            Name = root.Text("name"),
            Model = network,
            Data = DataSection.Read(root.Section("data"), Path.GetDirectoryName(Path.GetFullPath(path))!, data, 1, network),
            Epochs = root.Has("epochs") ? root.Number("epochs", 0, 1e6, excludeMin: true) : null,
            Samples = root.Has("samples") || !root.Has("epochs") ? root.Long("samples", 1, 1L << 50) : 0,
            Evaluations = root.Int("evaluations", 1, 10_000, 10),
            Warmup = root.Number("warmup", 0, 1, 0.05),
            GridWorkers = root.Has("gridWorkers") ? [.. Whole(tree, "gridWorkers", path).Distinct().Order()] : [4],
        };
        foreach (var known in new[] { "common", "workers", "gridWorkers", "seeds", "series" })
            _ = root.Has(known);
        root.Finish();
        if (settings is { Epochs: not null, Samples: > 0 })
            throw root.Error("samples", $"found {settings.Samples} together with epochs, which is {settings.Epochs}; allowed is one of the two");
        var workers = Whole(tree, "workers", path);
        var seeds = Numbers(tree, "seeds", path).Select(n => (ulong)n).ToArray();
        foreach (var node in tree["series"] as JsonArray ?? throw new SettingsException(path, "series", "missing; expected is a list of objects"))
        {
            var one = node as JsonObject ?? throw new SettingsException(path, "series", $"found {node?.ToJsonString()}; allowed are objects");
            var name = one["name"]?.GetValue<string>() ?? one["method"]?.GetValue<string>() ?? throw new SettingsException(path, "series", "one has neither name nor method");
            if (!IsFileName(name) || settings.series.Exists(other => other.Name == name))
                throw new SettingsException(path, "series.name", $"found \"{name}\"; allowed are 1 to 64 characters, no control character and none of "
                    + "\\ / : * ? \" < > |, and for each series another name: results are kept in files by that name");
            settings.series.Add(new Series(name, one,
                one.ContainsKey("workers") ? Whole(one, "workers", path) : workers,
                one.ContainsKey("seeds") ? [.. Numbers(one, "seeds", path).Select(n => (ulong)n)] : seeds,
                Numbers(one, "learningRate", path)));
        }
        foreach (var one in settings.series)
            _ = settings.Spec(one, one.Workers[0], one.Seeds[0], one.Rates[0], 1_000_000); // so that all errors are found at the start
        return settings;
    }

    /// <summary>The number of workers whose best learning rate runs take: the most of <see cref="GridWorkers"/> that are no more than
    /// theirs, else the fewest.</summary>
    public int GridFor(int workers) => GridWorkers.LastOrDefault(one => one <= workers, GridWorkers[0]);

    /// <summary>The runs that look for a learning rate; none for a series that has one only.</summary>
    /// <param name="samples">Samples of an epoch.</param>
    public IEnumerable<RunSpec> Grid(long samples) =>
        from one in series
        where one.Rates.Length > 1
        from workers in one.Workers.Select(GridFor).Distinct()
        from rate in one.Rates
        select Spec(one, workers, one.Seeds[0], rate, samples);

    /// <summary>The runs that are compared.</summary>
    /// <param name="samples">Samples of an epoch.</param>
    /// <param name="tried">What came of the grid's runs; a series with a grid has no runs before there is one.</param>
    public IEnumerable<RunSpec> Runs(long samples, IReadOnlyList<RunResult> tried) =>
        from one in series
        from workers in one.Workers
        let rate = one.Rates.Length > 1 ? Measure.BestRate(one.Name, GridFor(workers), tried) : one.Rates[0]
        where rate is not null
        from seed in one.Seeds
        select Spec(one, workers, seed, rate.Value, samples);

    RunSpec Spec(Series one, int workers, ulong seed, double rate, long samples)
    {
        var merged = common.DeepClone().AsObject();
        foreach (var (field, value) in one.Fields)
            if (!OwnFields.Contains(field))
                merged[field] = value?.DeepClone();
        merged["run"] = Name;
        merged["seed"] = seed;
        merged["learningRate"] = rate;
        merged["steps"] = 1;
        var each = Read(merged, one);
        var steps = Math.Max(1, (long)Math.Round((Epochs * samples ?? Samples) / ((double)workers * each.Batch * each.Accumulate * each.LocalSteps)));
        merged["steps"] = steps;
        merged["warmup"] = (long)(Warmup * steps);
        var training = Read(merged, one);
        (merged["model"], merged["data"]) = (model.DeepClone(), data.DeepClone());
        var partition = Data.Partition;
        if (one.Fields["partition"]?.ToString() is { } said)
        {
            partition = Partition.Parse(said) ?? throw new SettingsException(file, "partition", $"found \"{said}\" in series \"{one.Name}\"; allowed is {Partition.Allowed}");
            merged["partition"] = said;
        }
        return new RunSpec(one.Name, workers, training, partition, merged.ToJsonString());
    }

    static bool IsFileName(string name) => name.Length is > 0 and <= 64 && !name.Any(c => char.IsControl(c) || "\\/:*?\"<>|".Contains(c));

    TrainingSettings Read(JsonObject merged, Series one)
    {
        var root = SettingsReader.Parse(merged.ToJsonString(), $"{file}, series \"{one.Name}\"");
        var training = TrainingSettings.Read(root);
        root.Finish();
        return training;
    }

    static JsonObject Object(JsonObject tree, string field, string path) => tree[field] switch
    {
        null => [],
        JsonObject found => found,
        var other => throw new SettingsException(path, field, $"found {other.ToJsonString()}; allowed is an object"),
    };

    static double[] Numbers(JsonObject tree, string field, string path)
    {
        double[] numbers = tree[field] switch
        {
            JsonArray list => [.. list.Select(Number)],
            JsonValue one => [Number(one)],
            _ => [],
        };
        return numbers.Length > 0 ? numbers : throw new SettingsException(path, field, "missing; expected is a number, or a list of one or more");

        double Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) && number > 0
            ? number : throw new SettingsException(path, field, $"found {node?.ToJsonString() ?? "null"}; allowed are numbers above 0");
    }

    static int[] Whole(JsonObject tree, string field, string path) => [.. Numbers(tree, field, path).Select(number => number is >= 1 and <= 256 && number == Math.Floor(number)
        ? (int)number : throw new SettingsException(path, field, $"found {number}; allowed are whole numbers from 1 to 256"))];

    sealed record Series(string Name, JsonObject Fields, int[] Workers, ulong[] Seeds, double[] Rates);
}
