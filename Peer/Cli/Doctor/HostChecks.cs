using System.Globalization;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Diagnostics;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>This host's clock, disk and limits.</summary>
static class HostChecks
{
    /// <summary>The date of this code: no clock that is right shows less.</summary>
    static readonly DateTimeOffset earliest = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), latest = earliest.AddYears(50);

    static readonly TimeSpan slowSync = TimeSpan.FromMilliseconds(200), apart = TimeSpan.FromSeconds(2);

    /// <summary>The date. No promise depends on it; metrics, notes and file times do.</summary>
    public static CheckResult Clock(TimeProvider time)
    {
        var now = time.GetUtcNow();
        var text = now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
        return now < earliest || now > latest
            ? CheckResult.Warning("clock", $"{text} cannot be right",
                "set it, by NTP for instance; training works, but the times in metrics.jsonl will be wrong")
            : CheckResult.Ok("clock", text);
    }

    /// <summary>The open files that this process may have, against those that the links need.</summary>
    public static CheckResult Files(int peers) =>
        FileHandles.Shortage(peers) is { } shortage ? CheckResult.Failed("open files", shortage)
        : CheckResult.Ok("open files",
            string.Create(CultureInfo.InvariantCulture,
                $"about {FileHandles.Needed(peers)} needed, "
                    + $"{FileHandles.Limit()?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number"} allowed"));

    /// <summary>This clock against those of the peers that answered; null when none did.</summary>
    public static CheckResult? Clocks(IReadOnlyList<LinkDiagnosis> diagnoses, IReadOnlyList<string> names)
    {
        LinkDiagnosis[] known = [.. diagnoses.Where(diagnosis => diagnosis.ClockAhead is not null)];
        if (known.Length == 0)
            return null;
        var off = known.Where(diagnosis => diagnosis.ClockAhead!.Value.Duration() > apart + diagnosis.RoundTrip!.Value).ToArray();
        if (off.Length > 0)
            return CheckResult.Warning("clocks",
                string.Join(", ",
                    off.Select(diagnosis => $"that of {names[diagnosis.Peer]} is "
                        + $"{Sizes.Text(diagnosis.ClockAhead!.Value.Duration())} "
                + (diagnosis.ClockAhead.Value > TimeSpan.Zero ? "ahead" : "behind"))),
                "set them, by NTP for instance; training works, but times of two hosts' metrics cannot be compared");
        var most = known.Max(diagnosis => diagnosis.ClockAhead!.Value.Duration());
        return CheckResult.Ok("clocks",
            $"within {Sizes.Text(most)} of {string.Join(", ", known.Select(diagnosis => names[diagnosis.Peer]))}");
    }

    /// <summary>Checks that the run's folder can be written and synced, and has room for what a run keeps there. Leaves nothing
    /// behind.</summary>
    /// <param name="folder">The run's folder; it need not be there yet.</param>
    /// <param name="training">The settings.</param>
    /// <param name="parameters">The model's; null when unknown.</param>
    /// <param name="time">The clock.</param>
    public static CheckResult Disk(string folder, TrainingSettings training, long? parameters, TimeProvider time)
    {
        const string check = "disk";
        var place = Path.GetFullPath(folder);
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is { } parent)
            place = parent; // where the folder would be made
        var file = Path.Combine(place, $".doctor-{Guid.NewGuid():N}");
        try
        {
            TimeSpan sync;
            try
            {
                using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                stream.Write(new byte[4096]);
                var start = time.GetTimestamp();
                stream.Flush(flushToDisk: true);
                AtomicFile.SyncFolder(place);
                sync = time.GetElapsedTime(start);
            }
            finally
            {
                File.Delete(file);
            }
            var free = new DriveInfo(place).AvailableFreeSpace;
            var text = $"{folder}: {Sizes.Text(free)} free, a sync takes {Sizes.Text(sync)}";
            if (parameters is { } count)
            {
                var need = Need(training, count);
                text += $"; a run keeps about {Sizes.Text(need)}";
                if (free < need)
                    return CheckResult.Failed(check, text,
                        "make room, choose another disk with --out, or a smaller checkpointEvery: the journal keeps two "
                            + "intervals");
                if (free < 2 * need)
                    return CheckResult.Warning(check, text,
                        "that is tight; a peer whose disk is full stops, and the others continue");
            }
            return sync > slowSync
                ? CheckResult.Warning(check, text, "that is slow; every view change waits for a sync")
                : CheckResult.Ok(check, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CheckResult.Failed(check, $"{folder}: cannot be written: {DiskFault.Reason(e)}",
                "--out chooses another folder");
        }
    }

    /// <summary>Bytes: two checkpoints and one that is being written, with momentum; and a journal of two intervals and the one
    /// under way.</summary>
    internal static double Need(TrainingSettings training, long parameters)
    {
        var checkpoint = 2 * sizeof(float) * (double)parameters + parameters / 8.0;
        var steps = training.CheckpointEvery == 0 ? training.Steps : Math.Min(training.Steps, 3 * training.CheckpointEvery);
        return 3 * checkpoint + steps * (parameters / 8.0 + 256);
    }
}
