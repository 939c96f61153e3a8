using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>
/// A parameter of a network under all the names that it has: one as a rule, several where layers share their weights. Such tied
/// weights are one object under two names, two objects of one tensor, as TorchScript gives them, or two tensors over the same
/// memory.
/// </summary>
/// <param name="Names">Its names in the network's order.</param>
/// <param name="Parameters">The objects, each once, in that order.</param>
sealed record TiedParameter(IReadOnlyList<string> Names, IReadOnlyList<Parameter> Parameters)
{
    /// <summary>The first name, which stands for all.</summary>
    public string Name => Names[0];

    /// <summary>The first object, which has the shape and the values of all.</summary>
    public Parameter First => Parameters[0];

    /// <summary>True when one of the objects requires a gradient.</summary>
    public bool IsTrained => Parameters.Any(parameter => parameter.requires_grad);

    /// <summary>Finds the parameters that share their memory.</summary>
    /// <param name="named">The parameters with their names, as <c>named_parameters()</c> gives them.</param>
    /// <returns>Each parameter once, in the order of the first names.</returns>
    /// <exception cref="ArgumentException">Two share their memory and have different shapes.</exception>
    public static IReadOnlyList<TiedParameter> Of(IEnumerable<(string Name, Parameter Parameter)> named)
    {
        var found = new List<(List<string> Names, List<Parameter> Parameters)>();
        var known = new Dictionary<(DeviceType, int, nint), int>();
        foreach (var (name, parameter) in named)
        {
            var address = AddressOf(parameter);
            var place = (parameter.device_type, parameter.device_index, address != 0 ? address : parameter.Handle);
            if (!known.TryGetValue(place, out var index))
            {
                known.Add(place, found.Count);
                found.Add(([name], [parameter]));
                continue;
            }
            var (names, parameters) = found[index];
            if (!IsSame(parameter, parameters[0]))
                throw new ArgumentException($"parameters {names[0]} and {name} share their memory and have different shapes; "
                    + "allowed are tied parameters of one shape");
            names.Add(name);
            if (!parameters.Exists(other => other.Handle == parameter.Handle))
                parameters.Add(parameter);
        }
        return [.. found.Select(one => new TiedParameter(one.Names, one.Parameters))];
    }

    static bool IsSame(Tensor one, Tensor other) =>
        one.shape.SequenceEqual(other.shape) && one.stride().SequenceEqual(other.stride()) && one.dtype == other.dtype;

    /// <summary>The address of the first element in the device's memory; 0 where there is none.</summary>
    static nint AddressOf(Tensor tensor)
    {
        if (tensor.NumberOfElements == 0 || tensor.dtype != ScalarType.Float32)
            return 0;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return tensor.alias().storage<float>().data_ptr() + (nint)(sizeof(float) * tensor.storage_offset());
    }
}
