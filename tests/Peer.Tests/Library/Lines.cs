using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>A small problem: which of three lines a point lies nearest to. Samples are numbers, points follow from
/// them.</summary>
static class Lines
{
    public const int Count = 240;

    public static (Tensor Inputs, Tensor Targets) Read(long[] samples)
    {
        var inputs = samples.SelectMany(sample => Enumerable.Range(0, 4).Select(i => MathF.Sin(sample * 4 + i + 1))).ToArray();
        var targets = samples.Select((_, row) => (long)(MathF.Abs(inputs[4 * row]) * 2.99f)).ToArray();
        return (tensor(inputs, [samples.Length, 4]).clone(), tensor(targets).clone());
    }

    /// <summary>A network with the same weights each time, whatever else draws numbers.</summary>
    public static Sequential NewNetwork()
    {
        var network = nn.Sequential(("first", nn.Linear(4, 8)), ("relu", nn.ReLU()), ("second", nn.Linear(8, 3)));
        using var quiet = no_grad();
        var seed = 1f;
        foreach (var parameter in network.parameters())
            parameter.copy_(tensor(Enumerable.Range(0, (int)parameter.numel()).Select(_ => MathF.Sin(seed++) / 3).ToArray())
                .view(parameter.shape));
        return network;
    }

    public static float[] Weights(nn.Module network) =>
        [.. network.parameters().SelectMany(parameter => parameter.detach().cpu().contiguous().data<float>().ToArray())];
}
