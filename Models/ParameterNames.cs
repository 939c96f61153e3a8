using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>The names of a network's parameters. TorchScript lists a parameter that two layers share once for each of them; such
/// tied names stand together here, since the flat vectors hold the parameter once.</summary>
static class ParameterNames
{
    /// <summary>One entry a parameter, in the network's order: its name, then the other names of the same parameter. Call it
    /// while the network is in host memory; elsewhere each name counts as a parameter of its own.</summary>
    /// <exception cref="ArgumentException">Two parameters share their memory and have different shapes.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Of(nn.Module<Tensor, Tensor> network)
    {
        var names = new List<List<string>>();
        var known = new Dictionary<nint, (List<string> Names, long[] Shape)>();
        foreach (var (name, parameter) in network.named_parameters())
        {
            var at = AddressOf(parameter);
            if (at == 0 || !known.TryGetValue(at, out var first))
            {
                names.Add([name]);
                if (at != 0)
                    known.Add(at, (names[^1], parameter.shape));
                continue;
            }
            if (!parameter.shape.SequenceEqual(first.Shape))
                throw new ArgumentException($"parameters {first.Names[0]} and {name} share their memory and have different "
                    + "shapes; allowed are tied parameters of one shape");
            first.Names.Add(name);
        }
        return names;
    }

    static unsafe nint AddressOf(Tensor tensor)
    {
        if (tensor.device_type != TorchSharp.DeviceType.CPU || tensor.NumberOfElements == 0)
            return 0;
        using var quiet = no_grad();
        using var storage = tensor.as_strided([1], [1], tensor.storage_offset()).DetachFromDisposeScope();
        fixed (byte* at = storage.bytes)
            return (nint)at;
    }
}
