using DecentralizedLion.Models;
using DecentralizedLion.Peer.Optimizers;
using TorchSharp.Modules;

namespace DecentralizedLion.Peer.Training;

/// <summary>The groups of an optimizer's parameters, read and checked once.</summary>
sealed class NamedGroups
{
    readonly List<int> groupOf = [];

    /// <summary>Reads the groups.</summary>
    /// <exception cref="ArgumentException">There is none, a value is out of its range, or two groups have a
    /// parameter.</exception>
    public NamedGroups(IEnumerable<ParameterGroup> groups)
    {
        var read = new List<ParameterGroup>();
        var parameters = new List<(string, Parameter)>();
        var seen = new Dictionary<IntPtr, int>();
        foreach (ParameterGroup group in groups)
        {
            group.Validate(read.Count);
            (string name, Parameter parameter)[] members = [.. group.Parameters];
            foreach ((string name, Parameter parameter) in members)
            {
                // Tied weights are given twice in one group.
                if (!seen.TryAdd(parameter.Handle, read.Count) && seen[parameter.Handle] != read.Count)
                    throw new ArgumentException($"parameter {name} is in groups {seen[parameter.Handle]} and {read.Count}; "
                        + "allowed is one group");
                parameters.Add((name, parameter));
            }
            read.Add(group with { Parameters = members });
        }
        if (read.Count == 0)
            throw new ArgumentException("groups: found none; allowed is at least one group of parameters");
        (Groups, Parameters, Tied) = (read, parameters, TiedParameter.Of(parameters));
        foreach (TiedParameter tied in Tied)
        {
            int[] within = [.. tied.Parameters.Select(parameter => seen[parameter.Handle]).Distinct()];
            if (within.Length > 1)
                throw new ArgumentException($"parameter {tied.Names[^1]}, which shares its memory with {tied.Name}, is in groups "
                    + $"{within[0]} and {within[1]}; allowed is one group");
        }
        groupOf.AddRange(Tied.Where(tied => tied.IsTrained).Select(tied => seen[tied.First.Handle]));
    }

    /// <summary>The groups, with their parameters in memory.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>All parameters, group after group.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>The same with tied weights once, as the flat vectors have them.</summary>
    public IReadOnlyList<TiedParameter> Tied { get; }

    /// <summary>The ranges of the flat vector that have rates of their own; null: all have the optimizer's.</summary>
    /// <param name="layout">The flat vector's layout.</param>
    public IReadOnlyList<GroupRange>? RangesOf(IReadOnlyList<ParameterSlice> layout)
    {
        if (Groups.All(group => group is { WeightDecay: null, LearningRateFactor: 1 }))
            return null;
        var ranges = new List<GroupRange>();
        for (int i = 0; i < layout.Count; i++)
        {
            ParameterGroup group = Groups[groupOf[i]];
            var range = new GroupRange(layout[i].Offset, layout[i].Offset + layout[i].Length,
                (float?)group.WeightDecay, (float)group.LearningRateFactor);
            if (ranges.Count > 0 && ranges[^1] with { Begin = range.Begin, End = range.End } == range)
                ranges[^1] = ranges[^1] with { End = range.End };
            else
                ranges.Add(range);
        }
        return ranges;
    }
}
