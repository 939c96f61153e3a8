using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>
/// The initial values of every parameter of a built-in network, drawn from libtorch's default generator in the order of the
/// modules. The layers' own constructors are not relied on: some leave memory as they found it.
/// </summary>
static class InitialWeights
{
    /// <summary>
    /// Draws them: Linear and Conv2d uniform within ±1/√(inputs of an output); norms weight 1, bias 0; embeddings normal;
    /// positions, which are parameters of the network itself, 0. These are PyTorch's defaults.
    /// </summary>
    /// <exception cref="InvalidOperationException">A parameter is of a layer that has no rule here.</exception>
    public static void Draw(nn.Module network)
    {
        DrawOwn(network, "");
        foreach (var (name, module) in network.named_modules())
            DrawOwn(module, name + ".");
    }

    static void DrawOwn(nn.Module module, string path)
    {
        foreach (var (name, parameter) in module.named_parameters(recurse: false))
        {
            switch (module, name)
            {
                case (Linear or Conv2d, "weight" or "bias"):
                    double bound = 1 / Math.Sqrt(Inputs(module.get_parameter("weight")!));
                    nn.init.uniform_(parameter, -bound, bound);
                    break;
                case (LayerNorm or GroupNorm, "weight"):
                    nn.init.ones_(parameter);
                    break;
                case (LayerNorm or GroupNorm, "bias") or (Vit or Gpt, "pos"):
                    nn.init.zeros_(parameter);
                    break;
                case (Embedding, "weight"):
                    nn.init.normal_(parameter);
                    break;
                default:
                    throw new InvalidOperationException(
                        $"parameter {path}{name} has no initial value: no rule for a {module.GetName()}");
            }
        }
    }

    static long Inputs(Tensor weight) => weight.NumberOfElements / weight.shape[0];
}
