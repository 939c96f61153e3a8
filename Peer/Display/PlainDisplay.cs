using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Display;

/// <summary>Lines for logs and pipes: one every few seconds, one for every evaluation, event of the ring, note and end.</summary>
public sealed class PlainDisplay(TextWriter output, TimeProvider time, TimeSpan every) : IDisplay
{
    long last = time.GetTimestamp();
    long lastStep = -1;
    bool begun;

    public void Updated(Board board, string peer, PeerEvent happened)
    {
        switch (happened)
        {
            case Started e when !begun:
                begun = true;
                Line($"{e.Peers} peers, {e.Parameters} parameters, step {e.Step} of {e.Steps}");
                break;
            case Evaluated e when ReferenceEquals(board.Evaluation, e):
                Line($"step {e.Step}/{board.Steps}  test accuracy {Show.Percent(e.Accuracy)}  test loss {Show.Number(e.Loss)}"
                    + $"  ({e.Samples} samples)  {Show.Duration(board.Left)} to go");
                break;
            case Noted e:
                Line($"{peer}: {e.Text}");
                break;
            case Fault e when ReferenceEquals(board.News, e):
                Line(NoteBook.LineOf([peer], e));
                break;
            case Ended e:
                Line($"{peer}: {e.Reason} at step {e.Step}" + (e.Step == 0 ? "" : $", digest {Show.Digest(e.Digest)}"));
                break;
            default:
                break;
        }
        Tick(board);
    }

    public void Tick(Board board)
    {
        if (time.GetElapsedTime(last) < every || board.Step == lastStep || board.Steps == 0)
            return;
        (last, lastStep) = (time.GetTimestamp(), board.Step);
        var row = board.Lead;
        Line($"step {board.Step}/{board.Steps}  loss {Show.Number(row.Loss)}  voters {row.Voters}  "
            + $"sent {Show.Bytes(row.BytesSent)}/step ({Show.Text($"{row.BitsPerParameter:0.00}")} bits/parameter)  "
            + $"compute {Show.Milliseconds(row.ComputeSeconds)} ms  exchange {Show.Milliseconds(row.ExchangeSeconds)} ms  {Show.Duration(board.Left)} to go");
    }

    public void Dispose() => output.Flush();

    void Line(string text)
    {
        output.WriteLine(text);
        output.Flush();
    }
}
