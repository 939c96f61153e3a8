using System.Reflection;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Configuration;

/// <summary>Whatever two peers may be set to differently is either compared when they greet, or here, as a host's own.</summary>
public sealed class SharedSettingsTests : IDisposable
{
    /// <summary>The settings that each host may have as it likes, and those that follow from another setting that is
    /// compared.</summary>
    static readonly Dictionary<string, string> exempt = new()
    {
        ["TrainingSettings.EvaluateEvery"] = "no replica depends on it",
        ["TrainingSettings.EvaluateSamples"] = "no replica depends on it",
        ["TrainingSettings.Theory"] = "no replica depends on it",
        ["TrainingSettings.BatchSize"] = "batch, globalBatch, accumulate and localSteps",
        ["TrainingSettings.AllDecay"] = "weightDecayOf",
        ["TrainingSettings.SuspectAfter"] = "each peer's own patience",
        ["DataSettings.Path"] = "each host's own; data.digest tells what lies there",
        ["DataSettings.Context"] = "model.context",
        ["DataSettings.Seed"] = "seed",
        ["TrainingSettings.Options"] = "the same settings once more",
        ["TrainingSettings.Rate"] = "the same settings once more",
        ["DataSettings.Glyphs"] = "each of its properties is compared",
        ["TorchScriptSettings.Path"] = "each host's own; model.digest tells what lies there",
        ["StartSettings.Path"] = "each host's own; model.start tells what lies there",
        ["RunConfig.Start"] = "each of its properties is compared",
        ["RunConfig.Path"] = "each host's own",
        ["RunConfig.Training"] = "each of its properties is compared",
        ["RunConfig.Model"] = "each of its properties is compared",
        ["RunConfig.Data"] = "each of its properties is compared",
        ["RunConfig.Roster"] = "each of its properties is compared",
        ["Roster.Peers"] = "each of its properties is compared",
        ["Roster.Insecure"] = "where it differs, no link comes about; peer doctor names it",
        ["Roster.Count"] = "the ids",
        ["Roster.HasBatches"] = "the entries' batches",
        ["RunConfig.BatchSize"] = "TrainingSettings.BatchSize and the entries' batches",
        ["Roster.IsLocal"] = "the addresses",
        ["RosterEntry.Index"] = "the ids, in their order",
        ["RosterEntry.Address"] = "replaced host by host, while the ring runs",
        ["RosterEntry.Port"] = "replaced host by host, while the ring runs",
        ["RosterEntry.Key"] = "replaced host by host, while the ring runs",
    };

    static readonly RunConfig usual = RunOf("a", "b");

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A setting that differs: its property, or what else it is, the field it is called, and the two peers'
    /// fingerprints.</summary>
    sealed record Case(string Name, string Field, Fingerprint Mine, Fingerprint Theirs);

    [Fact]
    public void Every_setting_is_compared_or_exempt()
    {
        var compared = Cases().Select(one => one.Name).ToHashSet();
        var all = SettingsTypes()
            .SelectMany(type => type.GetProperties().Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => $"{type.Name}.{property.Name}")).ToArray();
        Assert.Empty(all.Except(compared).Except(exempt.Keys));
        Assert.Empty(compared.Intersect(exempt.Keys));
        Assert.Empty(exempt.Keys.Except(all));
    }

    [Fact]
    public void Each_is_refused_on_both_sides_with_its_name_and_both_values()
    {
        foreach (var (name, field, mine, theirs) in Cases())
        {
            string Value(Fingerprint of) =>
                of.Fields.Where(setting => setting.Name == field).Select(setting => setting.Value).SingleOrDefault("absent");
            Assert.NotEqual(Value(mine), Value(theirs));
            var (a, b) = Refusal.Between(mine, theirs);
            Assert.True(a.Contains($"b's settings differ: {field}: {Value(mine)} here, {Value(theirs)} there",
                StringComparison.Ordinal), $"{name}: {a}");
            Assert.True(b.Contains($"a's settings differ: {field}: {Value(theirs)} here, {Value(mine)} there",
                StringComparison.Ordinal), $"{name}: {b}");
        }
    }

    [Fact]
    public void No_field_of_a_fingerprint_is_left_untried()
    {
        var cases = Cases().ToArray();
        var all = cases.SelectMany(one => one.Mine.Fields.Concat(one.Theirs.Fields)).Select(setting => setting.Name).ToHashSet();
        Assert.Empty(all.Except(cases.Select(one => one.Field)));
    }

    static IEnumerable<Type> SettingsTypes() =>
    [
        typeof(RunConfig), typeof(TrainingSettings), typeof(DataSettings), typeof(GlyphSettings), typeof(Roster),
        typeof(RosterEntry), typeof(StartSettings), .. NetworkTypes(),
    ];

    static IEnumerable<Type> NetworkTypes() =>
        typeof(NetworkSettings).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(NetworkSettings)) && !type.IsAbstract);

    IEnumerable<Case> Cases()
    {
        var (here, there) = (Content("one"), Content("other"));
        yield return new("the network in a file", "model.digest",
            Print(usual with { Model = new TorchScriptSettings(here) }),
            Print(usual with { Model = new TorchScriptSettings(there) }));
        yield return new("the weights to start from", "model.start",
            Print(usual with { Start = new StartSettings(here) }), Print(usual with { Start = new StartSettings(there) }));
        yield return new("weights to start from", "model.start", Print(usual), Print(usual with { Start = new(here) }));
        yield return new("StartSettings.Prefix", "model.startPrefix", Print(usual with { Start = Prefixed(here, "a.", "b.") }),
            Print(usual with { Start = Prefixed(here, "a.", "c.") }));

        foreach (var property in Settable(typeof(TrainingSettings)))
        {
            var isShared = property.Name == nameof(TrainingSettings.IsBatchShared);
            var training = isShared || property.Name == nameof(TrainingSettings.GlobalBatch)
                ? usual.Training with { GlobalBatch = 64 } : usual.Training;
            yield return Of(property, training, isShared ? "batch" : Camel(property.Name),
                changed => usual with { Training = changed });
        }
        foreach (var type in NetworkTypes())
        {
            var model = (NetworkSettings)Activator.CreateInstance(type,
                [.. type.GetConstructors().Single(one => one.GetParameters().Length > 1)
                .GetParameters().Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : "net.pt")])!;
            foreach (var property in Settable(type))
                yield return Of(property, model, "model." + Camel(property.Name), changed => usual with { Model = changed });
            var other = model is MlpSettings ? new ConvNetSettings() : (NetworkSettings)new MlpSettings();
            yield return new($"{type.Name}.Kind", "model.kind", Print(usual with { Model = model }),
                Print(usual with { Model = other }));
        }
        foreach (var property in Settable(typeof(GlyphSettings)))
            yield return Of(property, new GlyphSettings(), "data." + Camel(property.Name),
                changed => usual with { Data = usual.Data with { Glyphs = changed } });
        foreach (var (property, data) in new[]
        {
            ("Kind", new DataSettings("mnist", "p")), ("Vocabulary", new DataSettings("tokens", "p", Vocabulary: 300)),
                ("Augment", new DataSettings("cifar10", "p")),
            ("Partition", new DataSettings("cifar10", "p")),
        })
            yield return Of(typeof(DataSettings).GetProperty(property)!, data, "data." + Camel(property),
                changed => usual with { Data = changed });

        yield return new("RosterEntry.Id", "peers", Print(usual), Print(RunOf("a", "c")));
        yield return new("RosterEntry.Batch", "peers.batch", Print(RunOf([8, null], "a", "b")),
            Print(RunOf([8, 9], "a", "b")));
        yield return new("the order of peers", "peers", Print(usual), Print(RunOf("b", "a")));
        yield return new("the number of peers", "peers", Print(usual), Print(RunOf("a", "b", "c")));
        yield return new("the program", "protocol", Print(usual), usual.Fingerprint(2, 1000, [1, 2, 3]));
        yield return new("the network's making", "model.parameters", Print(usual), usual.Fingerprint(1, 1001, [1, 2, 3]));
        yield return new("the data", "data.digest", Print(usual), usual.Fingerprint(1, 1000, [1, 2, 4]));
        yield return new("the size of local data", "data.shape", OfLocal([1, 28, 28], 10), OfLocal([1, 28, 32], 10));
        yield return new("the classes of local data", "data.classes", OfLocal([1, 28, 28], 10), OfLocal([1, 28, 28], 11));
    }

    string Content(string text)
    {
        File.WriteAllText(folder.File(text), text);
        return folder.File(text);
    }

    static StartSettings Prefixed(string path, string from, string to) =>
        new(path) { Prefix = new Dictionary<string, string> { [from] = to } };

    /// <summary>Two runs that differ in one property only, by as little as can be.</summary>
    static Case Of<T>(PropertyInfo property, T settings, string field, Func<T, RunConfig> run) where T : class
    {
        var changed = (T)settings.GetType().GetMethod("<Clone>$")!.Invoke(settings, null)!;
        property.SetValue(changed, Other(property.GetValue(settings)!));
        return new($"{settings.GetType().Name}.{property.Name}", field, Print(run(settings)), Print(run(changed)));
    }

    static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties().Where(property => property.CanWrite && !exempt.ContainsKey($"{type.Name}.{property.Name}"));

    static object Other(object value) => value switch
    {
        string text => text + "x",
        int number => number + 1,
        long number => number + 1,
        ulong number => number + 1,
        float number => float.BitIncrement(number),
        double number => double.BitIncrement(number),
        bool flag => !flag,
        Partition => Partition.ByClass,
        _ => throw new NotSupportedException($"another {value.GetType()}"),
    };

    static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    static Fingerprint Print(RunConfig run) => run.Fingerprint(1, 1000, [1, 2, 3]);

    static Fingerprint OfLocal(long[] shape, int classes)
    {
        var run = usual with { Data = new DataSettings("mnist", "p") { Partition = Partition.Local } };
        return run.Fingerprint(1, 1000, new EmptyDataset(shape, classes));
    }

    static RunConfig RunOf(params string[] ids) => RunOf(new int?[ids.Length], ids);

    static RunConfig RunOf(int?[] batches, params string[] ids)
    {
        return RunConfig.Read(SettingsReader.Parse($$"""
        {
          "run": "r", "steps": 100, "learningRate": 0.001, "insecure": true,
          "model": { "kind": "mlp" }, "data": { "kind": "glyphs" },
          "peers": [{{string.Join(',', ids.Select(Peer))}}]
        }
        """, "peers.json"), "peers.json", null);

        string Peer(string id, int i) =>
            $$"""{ "id": "{{id}}", "address": "127.0.0.1", "port": {{7000 + 100 * i}}{{Batch(i)}} }""";

        string Batch(int i) => batches[i] is { } batch ? $", \"batch\": {batch}" : "";
    }
}
