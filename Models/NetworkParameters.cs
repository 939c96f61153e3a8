using TorchSharp;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>The parameters of a whole network, each once: TorchScript lists a parameter that two layers share for each of
/// them.</summary>
static class NetworkParameters
{
    /// <summary>Moves a network to a device and gives its parameters with their names, those that share memory once.</summary>
    /// <exception cref="ArgumentException">Two parameters share their memory and have different shapes.</exception>
    public static IReadOnlyList<(string name, TorchSharp.Modules.Parameter parameter)> Of(
        nn.Module<Tensor, Tensor> network, Device device)
    {
        var names = TiedParameter.Of(network.named_parameters()).Select(tied => tied.Name).ToArray();
        // Moving replaces parameters.
        network.to(device);
        var named = network.named_parameters().ToDictionary(one => one.name, one => one.parameter);
        return [.. names.Select(name => (name, named[name]))];
    }
}
