using System.Text;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Training;

/// <summary>Finds the last step that earlier processes of this peer wrote to its metrics file, so that the steps that are
/// replayed from the journal are each reported exactly once.</summary>
static class ReportedProgress
{
    // Lines of many links may follow it.
    const int Tail = 1 << 18;

    /// <summary>The last step in a metrics file; 0 when its end has none.</summary>
    public static long Step(string metricsFile)
    {
        if (!File.Exists(metricsFile))
            return 0;
        using var stream = new FileStream(metricsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var tail = new byte[Math.Min(Tail, stream.Length)];
        stream.Seek(-tail.Length, SeekOrigin.End);
        stream.ReadExactly(tail);
        // What follows the last line break is a line that a crash left unfinished.
        var lines = Encoding.UTF8.GetString(tail).Split('\n')[..^1];
        return lines.Reverse().Select(EventLine.TryRead).OfType<Stepped>().FirstOrDefault()?.Step ?? 0;
    }
}
