using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Export;

/// <summary>What was exported.</summary>
/// <param name="Checkpoint">The file that the weights come from.</param>
/// <param name="Step">The step that they are of.</param>
/// <param name="Parameters">The number of parameters.</param>
/// <param name="Files">The files that were written.</param>
sealed record ExportReport(string Checkpoint, long Step, int Parameters, IReadOnlyList<string> Files)
{
    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(Checkpoint);
        foreach (var file in Files)
            output.WriteLine($"wrote {file}: step {Step}, {Format.Count(Parameters)} parameters");
    }
}
