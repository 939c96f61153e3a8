using DecentralizedLion.Peer.Telemetry;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>Writes a peer's events to its metrics file and hands them on. They come from the training thread, the ring's, and
/// others of the program.</summary>
/// <param name="file">The metrics file.</param>
/// <param name="telemetry">This peer's instruments and spans.</param>
/// <param name="handler">Takes each event after them; null for nobody.</param>
sealed class EventWriter(MetricsFile file, PeerTelemetry telemetry, Action<PeerEvent>? handler) : IDisposable
{
    readonly Lock one = new();
    IOException? unwritable;

    /// <summary>Reports an event from any thread but the ring's.</summary>
    /// <exception cref="IOException">The metrics file cannot be written; also when the ring's thread could not.</exception>
    public void Report(PeerEvent happened)
    {
        lock (one)
        {
            TryWrite(happened);
            if (unwritable is not null)
                throw unwritable;
        }
    }

    /// <summary>Reports an event from the ring's thread, which must go on answering others whatever happens.</summary>
    public void ReportFromRing(PeerEvent happened)
    {
        lock (one)
            TryWrite(happened);
    }

    /// <summary>The instruments and spans.</summary>
    public PeerTelemetry Telemetry => telemetry;

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        file.Dispose();
        telemetry.Dispose();
    }

    void TryWrite(PeerEvent happened)
    {
        if (unwritable is not null)
            return;
        try
        {
            file.Write(happened);
        }
        catch (IOException e)
        {
            unwritable = e; // it names the file and what to do
            return;
        }
        telemetry.Record(happened);
        try
        {
            handler?.Invoke(happened);
        }
        catch (IOException e)
        {
            unwritable = new IOException($"an event cannot be handed on: {e.Message}", e);
        }
    }
}
