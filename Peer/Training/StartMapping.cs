using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>The tensors of a file by the names that they have in a network, and everything that does not fit.</summary>
sealed class StartMapping
{
    readonly SafetensorsFile file;
    readonly StartSettings start;
    readonly Dictionary<string, TensorEntry> given = new(StringComparer.Ordinal);
    readonly List<(TensorEntry From, string To)> copies = [];
    readonly List<string> problems = [];

    /// <param name="file">The file. What a checkpoint of this program holds beside the weights is left alone.</param>
    /// <param name="start">The settings with the prefixes.</param>
    public StartMapping(SafetensorsFile file, StartSettings start)
    {
        (this.file, this.start) = (file, start);
        foreach (var entry in file.Tensors)
        {
            var name = entry.Declaration.Name;
            if (name.StartsWith(CheckpointState.Prefix, StringComparison.Ordinal) || NameInNetwork(name) is not { } renamed)
                continue;
            if (!given.TryAdd(renamed, entry))
                problems.Add($"{Quote(given[renamed].Declaration.Name)} and {Quote(name)} of the file are both {Quote(renamed)}");
        }
        foreach (var beginning in start.Prefix?.Keys ?? [])
            if (!file.Tensors.Any(entry => entry.Declaration.Name.StartsWith(beginning, StringComparison.Ordinal)))
                problems.Add($"no name in the file begins with {Quote(beginning)}");
    }

    /// <summary>Finds the tensor of a parameter, which must be in the file if its name begins as one of the prefixes
    /// says.</summary>
    /// <param name="names">Its names: several where it is tied, of which the file needs only one.</param>
    /// <param name="shape">Its shape.</param>
    public void AddParameter(IReadOnlyList<string> names, long[] shape)
    {
        string[] found = [.. names.Where(given.ContainsKey)];
        if (found.Length == 0 && names.Any(IsExpected))
            problems.Add($"{Quote(names[0])} is {Text(TensorType.F32, shape)} in the network and not in the file");
        foreach (var name in found)
            Add(name, shape, TensorConversion.CanConvert, TensorConversion.Allowed);
    }

    /// <summary>Finds the tensor of a buffer; a file may lack it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="isWhole">True when it holds 64-bit integers, false for floating-point numbers.</param>
    public void AddBuffer(string name, long[] shape, bool isWhole)
    {
        if (!given.ContainsKey(name))
            return;
        if (isWhole)
            Add(name, shape, type => type == TensorType.I64, TensorType.I64);
        else
            Add(name, shape, TensorConversion.CanConvert, TensorConversion.Allowed);
    }

    /// <summary>The tensors with the names that they go to, when all parameters and buffers were added.</summary>
    /// <exception cref="CheckpointException">Something does not fit; all of it is listed.</exception>
    public IReadOnlyList<(TensorEntry From, string To)> Finish()
    {
        foreach (var (name, entry) in given)
        {
            var (own, type, shape) = entry.Declaration;
            var renamed = own == name ? "" : $", {Quote(name)} by startPrefix,";
            problems.Add($"{Quote(own)}{renamed} is {Text(type, shape)} in the file and not in the network");
        }
        return problems.Count == 0 ? copies
            : throw new CheckpointException(file.Name, $"does not fit the network: {ProblemList.Of(problems)}");
    }

    void Add(string name, long[] shape, Func<string, bool> fits, string allowed)
    {
        given.Remove(name, out var entry);
        var there = entry!.Declaration;
        if (!there.Shape.SequenceEqual(shape))
            problems.Add($"{Quote(name)} has the shape {Text("", there.Shape)} in the file and {Text("", shape)} in the network");
        else if (!fits(there.Type))
            problems.Add($"{Quote(name)} is {there.Type} in the file; allowed is {allowed}");
        else
            copies.Add((entry, name));
    }

    /// <summary>By the longest prefix that the name begins with; null when there are prefixes and none fits.</summary>
    string? NameInNetwork(string name)
    {
        if (start.Prefix is not { } prefix)
            return name;
        var beginning = prefix.Keys.Where(key => name.StartsWith(key, StringComparison.Ordinal)).MaxBy(key => key.Length);
        return beginning is null ? null : prefix[beginning] + name[beginning.Length..];
    }

    bool IsExpected(string name) =>
        start.Prefix is not { } prefix || prefix.Values.Any(value => name.StartsWith(value, StringComparison.Ordinal));

    static string Text(string type, IEnumerable<long> shape) => $"{type} [{string.Join(", ", shape)}]".TrimStart();

    static string Quote(string name) => $"\"{SafeText.Text(name)}\"";
}
