namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The summary of a run, in a few lines that stay on the screen.</summary>
static class RunSummary
{
    /// <summary>Writes it. Peers that did not end in order are named and not compared.</summary>
    /// <returns>Whether peers that ended in order after one and the same step ended with one and the same digest.</returns>
    public static bool Write(TextWriter output, RunStatus status, bool left)
    {
        PeerRow[] ended = [.. status.Rows.Where(r => r.Ended)];
        var last = ended.Select(r => r.Step).DefaultIfEmpty(status.Step).Max();
        output.WriteLine(left && last < status.Steps
            ? $"Stopped in order after step {last} of {status.Steps}; the same command continues from there."
            : $"Finished {status.Steps} steps.");
        if (status.Evaluation is { } e)
            output.WriteLine(
                $"test accuracy  {Format.Percent(e.Accuracy)}  (loss {Format.Number(e.Loss)}, {e.Samples} samples, step "
                    + $"{e.Step})");
        var row = status.FurthestPeer;
        var fp32 = 64.0 * (status.Rows.Count - 1) / status.Rows.Count;
        output.WriteLine($"sent           {row.BytesSent:0} bytes per step and peer, "
            + Format.Text($"{row.BitsPerParameter:0.000} bits per parameter (fp32 ring: {fp32:0.0})"));
        foreach (var peer in status.Rows)
            output.WriteLine(peer.Ended ? $"digest         {Format.Digest(peer.Digest)}  {peer.Id}, step {peer.Step}"
                : $"missing        {peer.Id}, {peer.State} since step {peer.Step}");
        var equal = ended.GroupBy(r => r.Step).All(g => g.Select(r => r.Digest).Distinct().Count() == 1);
        if (!equal)
            output.WriteLine("The peers' digests DIFFER: their replicas are not equal. Keep all folders, run peer faults on them "
                + "and use no checkpoint of this run before you know why.");
        else if (ended.Any(r => r.Step < last))
            output.WriteLine($"Some peers ended before step {last}; they fetch the missing steps at the next start.");
        return equal;
    }
}
