namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>A checkpoint is whole and of another model than the one that it is read into. Names the first tensor that
/// differs.</summary>
public sealed class OtherModelException(string file, string difference)
    : CheckpointException(file, $"is of another model or method than peers.json has: {difference}")
{
    /// <summary>The first difference between a file's tensors and a model's; null: they are of one model.</summary>
    /// <param name="file">The file's.</param>
    /// <param name="layout">The model's and the method's, in the order in which they are compared.</param>
    internal static string? Difference(IReadOnlyList<TensorEntry> file, IReadOnlyList<TensorDeclaration> layout)
    {
        var there = file.ToDictionary(entry => entry.Declaration.Name, entry => entry.Declaration);
        foreach (var here in layout)
            if (!there.Remove(here.Name, out var found))
                return $"it has no tensor \"{here.Name}\", which is {Text(here)} by peers.json";
            else if (found.Type != here.Type || !found.Shape.SequenceEqual(here.Shape))
                return $"tensor \"{here.Name}\" is {Text(found)} in the file and {Text(here)} by peers.json";
        return there.Values.FirstOrDefault() is { } more
            ? $"it has a tensor \"{more.Name}\", {Text(more)}, which is none by peers.json" : null;
    }

    static string Text(TensorDeclaration tensor) => $"{tensor.Type} [{string.Join(", ", tensor.Shape)}]";
}
