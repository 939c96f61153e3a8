using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>Hands a peer's events to the display and to the fault report. One thread at a time calls it.</summary>
/// <param name="self">This peer's id.</param>
/// <param name="status">The status that the display shows.</param>
/// <param name="display">The display; null to print events, for the demo that started this process.</param>
/// <param name="output">The place where events are printed.</param>
/// <param name="faults">The fault report; null for none.</param>
sealed class EventReporter(string self, RunStatus status, IDisplay? display, TextWriter output, FaultReport? faults)
{
    /// <summary>Hands on one event.</summary>
    public void Report(PeerEvent happened)
    {
        status.Apply(self, happened);
        faults?.Add(self, happened);
        if (display is not null)
            display.Updated(status, self, happened);
        else if (happened is not Note { Text: RunConfig.KeysIgnored }) // the demo says it once
            output.WriteLine(EventLine.Write(happened));
    }
}
