using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>
/// Hands a peer's events to its metrics file, to the display and to the fault report. They come from the training thread, which
/// makes the reporter, and from the ring's.
/// </summary>
/// <param name="self">This peer's id.</param>
/// <param name="metrics">The metrics file.</param>
/// <param name="metricsFile">Its path, for messages.</param>
/// <param name="status">The status that the display shows.</param>
/// <param name="display">The display; null to print events.</param>
/// <param name="faults">The fault report; null for none.</param>
sealed class EventReporter(
    string self, MetricsFile metrics, string metricsFile, RunStatus status, IDisplay? display, FaultReport? faults)
{
    readonly int training = Environment.CurrentManagedThreadId;
    readonly Lock one = new();
    IOException? unwritable;

    /// <exception cref="IOException">The metrics file or the standard output cannot be written; thrown on the training thread
    /// only.</exception>
    public void Report(PeerEvent happened)
    {
        lock (one)
        {
            // The ring's thread must go on answering others; the training thread stops at its next event.
            if (unwritable is not null && Environment.CurrentManagedThreadId == training)
                throw unwritable;
            try
            {
                metrics.Write(happened);
                status.Apply(self, happened);
                faults?.Add(self, happened);
                if (display is null)
                    Console.WriteLine(EventLine.Write(happened));
                else
                    display.Updated(status, self, happened);
            }
            catch (IOException e)
            {
                unwritable ??= new IOException(
                    $"events cannot be written ({metricsFile}, or the standard output): {e.Message}", e);
                if (Environment.CurrentManagedThreadId == training)
                    throw unwritable;
            }
        }
    }
}
