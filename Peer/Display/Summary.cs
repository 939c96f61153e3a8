namespace DecentralizedLion.Peer.Display;

/// <summary>What a run came to, in a few lines that stay on the screen.</summary>
public static class Summary
{
    /// <summary>Returns whether all peers ended with one and the same digest.</summary>
    public static bool Write(TextWriter output, Board board, bool left)
    {
        var digests = board.Rows.Select(r => (r.Digest, r.Step)).Distinct().ToArray();
        output.WriteLine(left ? $"Stopped in order after step {board.Step} of {board.Steps}; the same command goes on from there." : $"Finished {board.Steps} steps.");
        if (board.Evaluation is { } e)
            output.WriteLine(
                $"test accuracy  {Show.Percent(e.Accuracy)}  (loss {Show.Number(e.Loss)}, {e.Samples} samples, step {e.Step})");
        var row = board.Rows[0];
        var fp32 = 64.0 * (board.Rows.Count - 1) / board.Rows.Count;
        output.WriteLine($"sent           {row.BytesSent} bytes per step and peer, "
            + Show.Text($"{row.BitsPerParameter:0.000} bits per parameter (fp32 ring: {fp32:0.0})"));
        foreach (var peer in board.Rows)
            output.WriteLine($"digest         {Show.Digest(peer.Digest)}  {peer.Id}, step {peer.Step}");
        if (digests.Length == 1)
            return true;
        output.WriteLine("The peers' digests DIFFER: their replicas are not equal.");
        return false;
    }
}
