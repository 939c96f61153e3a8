using DecentralizedLion.Models.Networks;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The object <c>model</c> of peers.json: <c>kind</c> and the sizes that the kind has, or the file with the network.
/// What the training starts from is read by <see cref="StartSection"/>.</summary>
static class ModelSection
{
    // Networks know their own limits; these keep numbers sane before the data's shape is known.
    const int DimensionMax = 1 << 20;

    /// <param name="section">The object.</param>
    /// <param name="folder">The folder of peers.json, which a relative path is relative to.</param>
    public static NetworkSettings Read(SettingsReader section, string folder)
    {
        var kind = section.OneOf("kind", NetworkFactory.Kinds);
        switch (kind)
        {
            case "mlp":
                var mlp = new MlpSettings();
                return new MlpSettings(Width: Size("width", mlp.Width), Depth: section.Int("depth", 0, DimensionMax, mlp.Depth));
            case "convnet":
                var convnet = new ConvNetSettings();
                return new ConvNetSettings(Width: Size("width", convnet.Width), Depth: Size("depth", convnet.Depth));
            case "vit":
                var vit = new VitSettings();
                return new VitSettings(
                    Patch: Size("patch", vit.Patch), Width: Size("width", vit.Width), Depth: Size("depth", vit.Depth),
                    Heads: Size("heads", vit.Heads));
            case "gpt":
                var gpt = new GptSettings();
                return new GptSettings(
                    Context: Size("context", gpt.Context), Width: Size("width", gpt.Width), Depth: Size("depth", gpt.Depth),
                    Heads: Size("heads", gpt.Heads));
            case "torchscript":
                return new TorchScriptSettings(
                    FilePath.Read(section, "path", folder), section.Has("context") ? Size("context", 0) : 0);
            default:
                throw section.Error("kind", $"found \"{kind}\", which this program cannot make");
        }

        int Size(string name, int fallback) => section.Int(name, 1, DimensionMax, fallback);
    }

    /// <summary>The fields that must be equal on all hosts. Of a file that is its content, not its place.</summary>
    public static IEnumerable<FingerprintField> Fields(NetworkSettings settings)
    {
        (string, int)[] sizes = settings switch
        {
            MlpSettings m => [("width", m.Width), ("depth", m.Depth)],
            ConvNetSettings m => [("width", m.Width), ("depth", m.Depth)],
            VitSettings m => [("patch", m.Patch), ("width", m.Width), ("depth", m.Depth), ("heads", m.Heads)],
            GptSettings m => [("context", m.Context), ("width", m.Width), ("depth", m.Depth), ("heads", m.Heads)],
            TorchScriptSettings m => [("context", m.Context)],
            _ => throw new ArgumentException($"model.kind {settings.Kind} has no fingerprint"),
        };
        yield return new("model.kind", settings.Kind);
        foreach (var (name, value) in sizes)
            yield return new($"model.{name}", TrainingSettings.Text(value));
        if (settings is TorchScriptSettings script)
            yield return new("model.digest", FileDigest.Of(script.Path));
    }
}
