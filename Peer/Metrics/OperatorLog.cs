using System.Globalization;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>Writes a line for each event that a person ought to read. A place that cannot be written any more, such as a closed
/// terminal, gets no further lines, and training goes on.</summary>
/// <param name="output">The place.</param>
/// <param name="self">This peer's id.</param>
/// <param name="time">The clock.</param>
sealed class OperatorLog(TextWriter output, string self, TimeProvider time)
{
    bool isClosed;

    /// <summary>Writes an event, if it is one to read.</summary>
    public void Write(PeerEvent happened)
    {
        if (isClosed || TextOf(happened) is not { } text)
            return;
        try
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss} {self}: {text}"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            isClosed = true;
        }
    }

    static string? TextOf(PeerEvent happened) => happened switch
    {
        Fault fault => fault.Text,
        Note note => note.Text,
        _ => null,
    };
}
