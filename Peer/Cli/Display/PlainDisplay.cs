using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>Lines for logs and pipes: one every few seconds, one for every evaluation, event of the ring, note and end.</summary>
sealed class PlainDisplay(TextWriter output, TimeProvider time, TimeSpan every) : IDisplay
{
    long last = time.GetTimestamp();
    long lastStep = -1;
    bool begun;

    public void Updated(RunStatus status, string peer, PeerEvent happened)
    {
        switch (happened)
        {
            case Started e when !begun:
                begun = true;
                Line($"{e.Peers} peers, {e.Parameters} parameters, "
                    + (e.Step <= e.Steps ? $"step {e.Step} of {e.Steps}" : $"step {e.Step}; the run has only {e.Steps}"));
                break;
            case Evaluated e when ReferenceEquals(status.Evaluation, e):
                Line($"step {e.Step}/{status.Steps}  test accuracy {Format.Percent(e.Accuracy)}  test loss "
                    + $"{Format.Number(e.Loss)}"
                    + $"  ({e.Samples} samples)  {Format.Duration(status.Left)} to go");
                break;
            case Note e:
                Line($"{peer}: {e.Text}");
                break;
            case Fault e when ReferenceEquals(status.LatestFault, e):
                Line(EventLog.LineOf([peer], e));
                break;
            case Ended e:
                Line($"{peer}: {e.Reason} at step {e.Step}" + (e.Step == 0 ? "" : $", digest {Format.Digest(e.Digest)}"));
                break;
            default:
                break;
        }
        Tick(status);
    }

    public void Tick(RunStatus status)
    {
        if (time.GetElapsedTime(last) < every || status.Step == lastStep || status.Steps == 0)
            return;
        var row = status.FurthestPeer;
        if (row.Digest.Length == 0)
            return; // no step of this process yet
        (last, lastStep) = (time.GetTimestamp(), status.Step);
        Line($"step {status.Step}/{status.Steps}  loss {Format.Number(row.Loss)}  voters {row.Voters}  "
            + $"sent {Format.Bytes(row.BytesSent)}/step ({Format.Text($"{row.BitsPerParameter:0.00}")} bits/parameter)  "
            + $"compute {Format.Milliseconds(row.ComputeSeconds)} ms  exchange {Format.Milliseconds(row.ExchangeSeconds)} ms  "
            + $"{Format.Duration(status.Left)} to go");
    }

    public void Dispose() => output.Flush();

    void Line(string text)
    {
        output.WriteLine(text);
        output.Flush();
    }
}
