using DecentralizedLion.Models;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using TorchSharp.Modules;

namespace DecentralizedLion.Peer.Training;

/// <summary>The groups of a network's parameters where <c>weightDecayOf</c> takes some of them out of the weight decay. The flat
/// vector keeps the network's order: parameters that follow each other and decay alike are a group.</summary>
static class WeightDecayGroups
{
    /// <summary>The groups of a peer's optimizer.</summary>
    /// <param name="parameters">The network's parameters, in its order.</param>
    /// <param name="settings">The settings.</param>
    public static IReadOnlyList<ParameterGroup> Of(IReadOnlyList<(string name, Parameter parameter)> parameters,
        TrainingSettings settings)
    {
        var groups = new List<ParameterGroup>();
        for (int begin = 0, end; begin < parameters.Count; begin = end)
        {
            double? decay = DecayOf(begin);
            for (end = begin + 1; end < parameters.Count && DecayOf(end) == decay;)
                end++;
            groups.Add(new ParameterGroup([.. parameters.Take(end).Skip(begin)]) { WeightDecay = decay });
        }
        return groups;

        double? DecayOf(int at) => settings.OwnWeightDecay((int)parameters[at].parameter.dim());
    }

    /// <summary>The same groups as ranges of the flat vector; null: there is one.</summary>
    /// <param name="layout">The flat vector's layout.</param>
    /// <param name="settings">The settings.</param>
    public static IReadOnlyList<GroupRange>? RangesOf(IReadOnlyList<ParameterSlice> layout, TrainingSettings settings)
    {
        GroupRange[] ranges =
        [
            .. layout.Select(slice => new GroupRange(slice.Offset, slice.Offset + slice.Length,
                (float?)settings.OwnWeightDecay(slice.Shape.Length), Factor: 1)),
        ];
        return ranges.All(range => range.WeightDecay is null) ? null : ranges;
    }
}
