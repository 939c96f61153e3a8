using DecentralizedLion.Models.Networks;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The object <c>model</c> of peers.json: <c>kind</c> and the sizes that the kind has, or the file with the network.
/// What the training starts from is read by <see cref="StartSection"/>.</summary>
static class ModelSection
{
    // The largest image and the longest sample of tokens that there are; the run's own data set smaller limits later.
    const int PatchMax = 1024, TokensMax = 1 << 20;

    /// <param name="section">The object.</param>
    /// <param name="folder">The folder of peers.json, which a relative path is relative to.</param>
    public static NetworkSettings Read(SettingsReader section, string folder)
    {
        var kind = section.OneOf("kind", NetworkFactory.Kinds);
        switch (kind)
        {
            case "mlp":
                var mlp = new MlpSettings();
                return new MlpSettings(
                    Width: Size("width", MlpSettings.WidthMax, mlp.Width),
                    Depth: section.Int("depth", 0, MlpSettings.DepthMax, mlp.Depth));
            case "convnet":
                var convnet = new ConvNetSettings();
                return new ConvNetSettings(
                    Width: Size("width", ConvNetSettings.WidthMax, convnet.Width),
                    Depth: Size("depth", ConvNetSettings.DepthMax, convnet.Depth));
            case "vit":
                var vit = new VitSettings();
                return new VitSettings(
                    Patch: Size("patch", PatchMax, vit.Patch), Width: Size("width", Block.WidthMax, vit.Width),
                    Depth: Size("depth", Block.DepthMax, vit.Depth), Heads: Size("heads", Block.WidthMax, vit.Heads));
            case "gpt":
                var gpt = new GptSettings();
                return new GptSettings(
                    Context: Size("context", GptSettings.ContextMax, gpt.Context),
                    Width: Size("width", Block.WidthMax, gpt.Width), Depth: Size("depth", Block.DepthMax, gpt.Depth),
                    Heads: Size("heads", Block.WidthMax, gpt.Heads));
            case "torchscript":
                return new TorchScriptSettings(
                    FilePath.Read(section, "path", folder), section.Has("context") ? Size("context", TokensMax, 0) : 0);
            default:
                throw section.Error("kind", $"found \"{kind}\", which this program cannot make");
        }

        int Size(string name, int max, int fallback) => section.Int(name, 1, max, fallback);
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
