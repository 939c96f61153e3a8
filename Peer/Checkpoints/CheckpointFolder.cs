using System.Globalization;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The checkpoints of one peer: <c>step-00000100.safetensors</c> and <c>step-00000100.momentum.safetensors</c>, the
/// last two.</summary>
public sealed class CheckpointFolder(string folder)
{
    const int Kept = 2;
    const string Prefix = "step-", Suffix = ".safetensors", MomentumSuffix = ".momentum.safetensors";

    public string Shared(long step) => Path.Combine(folder, Name(step) + Suffix);

    public string Momentum(long step) => Path.Combine(folder, Name(step) + MomentumSuffix);

    /// <summary>The steps that have a checkpoint, newest first.</summary>
    public IReadOnlyList<long> Steps()
    {
        if (!Directory.Exists(folder))
            return [];
        var steps = new List<long>();
        foreach (var file in Directory.EnumerateFiles(folder, Prefix + "*" + Suffix))
        {
            var name = Path.GetFileName(file);
            if (!name.EndsWith(MomentumSuffix, StringComparison.Ordinal)
                && long.TryParse(
                    name[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                && Shared(step) == file)
                steps.Add(step);
        }
        return [.. steps.OrderDescending()];
    }

    /// <summary>Writes both files and then deletes the oldest. The shared one comes last: where it is, its momentum is
    /// too.</summary>
    public void Write(Progress progress, IReadOnlyList<TensorDeclaration> layout,
        ReadOnlySpan<float> weights, ReadOnlySpan<ulong> previousSigns, ReadOnlySpan<float> momentum, OpenBallot? open = null)
    {
        Checkpoint.WriteMomentum(Momentum(progress.Step), progress, momentum, open);
        Checkpoint.Write(Shared(progress.Step), progress, layout, weights, previousSigns);
        KeepNewest(Kept);
    }

    /// <summary>Deletes all checkpoints, and nothing else that may be in the folder.</summary>
    public void Clear() => KeepNewest(0);

    void KeepNewest(int count)
    {
        foreach (var step in Steps().Skip(count))
        {
            File.Delete(Shared(step));
            File.Delete(Momentum(step));
        }
    }

    static string Name(long step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}");
}
