namespace DecentralizedLion.Peer.Compare;

/// <summary>The results as charts.</summary>
public static class CompareCharts
{
    /// <summary>Writes the charts.</summary>
    /// <returns>The files.</returns>
    public static IReadOnlyList<string> Write(CompareSettings settings, string folder, IReadOnlyList<RunResult> results) => [];
}
