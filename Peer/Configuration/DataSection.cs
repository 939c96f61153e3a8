using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The object <c>data</c> of peers.json: <c>kind</c>, <c>path</c> and what the kind needs to know, and
/// <c>partition</c>.</summary>
static class DataSection
{
    public static readonly IReadOnlyList<string> Kinds = ["glyphs", "cifar10", "mnist", "fashion", "text", "tokens"];

    /// <param name="section">The object.</param>
    /// <param name="folder">The folder of peers.json, which a relative path is relative to.</param>
    /// <param name="said">The path that this host's <c>--data</c> gives; null to take the one in the file.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="model">The network, whose context is the samples' length for texts.</param>
    public static DataSettings Read(SettingsReader section, string folder, string? said, ulong seed, NetworkSettings model)
    {
        var kind = section.OneOf("kind", Kinds);
        var ofTokens = kind is "text" or "tokens";
        var context = model switch { GptSettings gpt => gpt.Context, TorchScriptSettings script => script.Context, _ => 0 };
        if (ofTokens != context > 0)
            throw section.Error("kind", $"found \"{kind}\" with model.kind \"{model.Kind}\""
                + (model is TorchScriptSettings ? ofTokens ? " and no model.context" : " and model.context" : "")
                + $"; allowed with it is {(context > 0 ? "text or tokens" : "glyphs, cifar10, mnist or fashion")}"
                + (model is TorchScriptSettings && ofTokens ? ", or with a context, the number of tokens in a sample" : ""));
        var partition = PartitionOf(section, kind);
        if (kind == "glyphs")
        {
            var usual = new GlyphSettings();
            var glyphs = new GlyphSettings(
                section.Unsigned("seed", usual.Seed), section.Int("size", 16, 128, usual.Size),
                section.Int("trainCount", 1, 1_000_000, usual.TrainCount),
                section.Int("testCount", 1, 1_000_000, usual.TestCount));
            return new DataSettings(kind, Seed: seed, Glyphs: glyphs) { Partition = partition };
        }
        var written = section.Has("path") ? FilePath.Read(section, "path", folder) : null;
        var path = said is not null ? Path.GetFullPath(said) : written;
        return new DataSettings(
            kind,
            path ?? throw section.Error(
                "path", $"missing; data of kind \"{kind}\" needs a path here or --data on the command line"),
            Context: context,
            Vocabulary: kind == "tokens" ? section.Int("vocabulary", 2, 65536, 50257) : 0,
            Augment: !ofTokens && section.Flag("augment", false),
            Seed: seed)
        {
            Partition = partition,
        };
    }

    /// <summary>The fields that must be equal on all hosts. The path is each host's own; what lies there is told by
    /// its content.</summary>
    public static IEnumerable<FingerprintField> Fields(DataSettings settings)
    {
        yield return new("data.kind", settings.Kind);
        yield return new("data.partition", settings.Partition.ToString());
        if (settings.Kind == "tokens")
            yield return new("data.vocabulary", TrainingSettings.Text(settings.Vocabulary));
        if (settings.Kind is "cifar10" or "mnist" or "fashion")
            yield return new("data.augment", settings.Augment ? "true" : "false");
        if (settings.Glyphs is not { } glyphs)
            yield break;
        yield return new("data.size", TrainingSettings.Text(glyphs.Size));
        if (IsLocal(settings))
            yield break;
        yield return new("data.seed", TrainingSettings.Text(glyphs.Seed));
        yield return new("data.trainCount", TrainingSettings.Text(glyphs.TrainCount));
        yield return new("data.testCount", TrainingSettings.Text(glyphs.TestCount));
    }

    /// <summary>The fields of the data that must be equal: of all of them, or where each peer has its own, of what the network
    /// depends on.</summary>
    public static IEnumerable<FingerprintField> Content(DataSettings settings, IDataset data) => IsLocal(settings)
        ? [new("data.shape", string.Join('x', data.SampleShape)), new("data.classes", TrainingSettings.Text(data.Classes))]
        : [new("data.samples", TrainingSettings.Text(data.Train.Count)), .. Content(data.Digest)];

    /// <summary>The same of data that are known by their digest only.</summary>
    public static IEnumerable<FingerprintField> Content(ReadOnlySpan<byte> digest) =>
        [new("data.digest", Convert.ToHexStringLower(digest))];

    static bool IsLocal(DataSettings settings) => settings.Partition.Kind == PartitionKind.Local;

    static Partition PartitionOf(SettingsReader section, string kind)
    {
        var text = section.Text("partition", Partition.Iid.ToString());
        var partition = Partition.Parse(text)
            ?? throw section.Error("partition", $"found \"{text}\"; allowed is {Partition.Allowed}");
        return !partition.NeedsClasses || kind is not ("text" or "tokens") ? partition : throw section.Error(
            "partition",
            $"found \"{text}\", which goes by classes, with data of kind \"{kind}\", which have none; allowed is \"iid\" or "
                + "\"local\"");
    }
}
