using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>The networks that peers.json can name. Initial weights come from libtorch's default generator, so call
/// torch.manual_seed first; those of a TorchScript file come from the file.</summary>
static class NetworkFactory
{
    /// <summary>The kinds that peers.json may name as model.kind.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["mlp", "convnet", "vit", "gpt", "torchscript"];

    /// <summary>
    /// Images are float [batch, channels, height, width], tokens int64 [batch, tokens]; the result is one row of logits for each
    /// sample, or for each token. Make networks outside of dispose scopes.
    /// </summary>
    public static nn.Module<Tensor, Tensor> Create(NetworkSettings settings, long[] sampleShape, int classes)
    {
        _ = Size(settings, sampleShape, classes);
        return settings switch
        {
            MlpSettings mlp => new Mlp(mlp, sampleShape, classes),
            ConvNetSettings convnet => new ConvNet(convnet, sampleShape, classes),
            VitSettings vit => new Vit(vit, sampleShape, classes),
            GptSettings gpt => new Gpt(gpt, classes),
            TorchScriptSettings script => TorchScriptNetwork.Load(script, sampleShape, classes),
            _ => throw new ArgumentException($"model.kind is '{settings.Kind}'; allowed is one of {string.Join(", ", Kinds)}"),
        };
    }

    /// <summary>The size of such a network, without making it; null where only its file says it.</summary>
    /// <exception cref="ArgumentException">There is no such network for such data, or it is too large.</exception>
    public static NetworkSize? Size(NetworkSettings settings, long[] sampleShape, int classes)
    {
        settings.Validate(sampleShape, classes);
        var size = settings.Size(sampleShape, classes);
        return size is not { Parameters: > FlatParameters.CountMax } large ? size
            : throw new ArgumentException($"the network has {large.Parameters} parameters; allowed are at most "
                + $"{FlatParameters.CountMax}");
    }
}
