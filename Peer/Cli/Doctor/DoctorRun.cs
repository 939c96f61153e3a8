using System.Security.Cryptography;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>
/// Looks at all that a run needs, before one begins: the engines, this host, the files, and every link both ways. It takes this
/// peer's place at its ports and writes nothing that stays.
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="report">Takes a line a check.</param>
/// <param name="host">This host's name.</param>
/// <param name="progress">Says what it waits for.</param>
/// <param name="time">The clock.</param>
sealed class DoctorRun(DoctorOptions options, DoctorReport report, string host, ProgressLine progress, TimeProvider time)
{
    static readonly TimeSpan tick = TimeSpan.FromMilliseconds(250);

    static readonly string[] ofData =
        ["model.parameters", "model.digest", "model.start", "data.digest", "data.shape", "data.classes"];

    /// <summary>Looks at everything that can be looked at.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Run()
    {
        var (run, self) = Roster();
        report.Add(EngineChecks.Libtorch(options.Device, time));
        report.Add(EngineChecks.ZeroMq(run is { Roster.Insecure: false }));
        report.Add(HostChecks.Clock(time));
        if (run is not null && self is not null)
            await Check(run, self);
        else
            report.Add(CheckResult.Warning("the rest", "key, data, disk, ports and links are not checked",
                "correct what the roster line says, and run this again"));
        report.Finish();
        return report.ExitCode;
    }

    async Task Check(RunConfig run, RosterEntry self)
    {
        var links = Key(run, self);
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run, self.Id);
        var (parameters, known) = Data(run, self, Path.Combine(folder, DataCheckOptions.FileName));
        report.Add(HostChecks.Disk(folder, run.Training, parameters, time));
        var files = HostChecks.Files(run.Roster.Count);
        report.Add(files);
        if (links is null || files.Status == CheckStatus.Failed)
            return; // no link can be opened without a key, or without sockets
        var fingerprint = known ?? run.Fingerprint(FrameHeader.ProtocolVersion, 0, default(ReadOnlySpan<byte>));
        HashSet<string> unknown = [.. known is null ? ofData : []];
        using var diagnostics = new LinkDiagnostics(self.Index, links, fingerprint.Fields, unknown,
            BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1, time, [.. run.Roster.Peers.Select(peer => peer.Id)]);
        var runs = IsInUse(folder);
        Ports(run.Roster, self, diagnostics, runs);
        var diagnoses = await Await(diagnostics, run.Roster);
        var linkReport = new LinkReport(run.Roster, self, runs);
        foreach (var diagnosis in diagnoses)
            foreach (var result in linkReport.Of(diagnosis))
                report.Add(result);
        if (HostChecks.Clocks(diagnoses, [.. run.Roster.Peers.Select(peer => peer.Id)]) is { } clocks)
            report.Add(clocks);
    }

    /// <summary>Waits for the links, and says for whom.</summary>
    async Task<IReadOnlyList<LinkDiagnosis>> Await(LinkDiagnostics diagnostics, Roster roster)
    {
        var (start, limit) = (time.GetTimestamp(), TimeSpan.FromSeconds(options.Wait));
        progress.Restart();
        var running = diagnostics.RunAsync(limit);
        while (await Task.WhenAny(running, Task.Delay(tick, time)) != running)
        {
            var waiting = string.Join(", ", diagnostics.Waiting.Select(peer => roster.Peers[peer].Id));
            if (waiting.Length > 0)
                progress.Report(Math.Min(1, time.GetElapsedTime(start) / limit), $"waiting for {waiting}");
        }
        progress.Dispose();
        return await running;
    }

    (RunConfig? Run, RosterEntry? Self) Roster()
    {
        const string check = "roster";
        RunConfig? run = null;
        try
        {
            run = RunConfig.Read(options.PeersFile, options.Data);
            var self = PeerId.Resolve(run.Roster, options.Id, host, Environment.GetEnvironmentVariable);
            var last = run.Roster.Insecure ? self.Port + run.Roster.Count - 2 : self.Port;
            var text = $"{options.PeersFile}: run {run.Training.Run}, {run.Roster.Count} peers; this is {self.Id}, at "
                + $"{self.Address} "
                + (last == self.Port ? $"port {last}" : $"ports {self.Port}–{last}");
            report.Add(run.Roster is { Insecure: true, IsLocal: false }
                ? CheckResult.Warning(check,
                    $"{text}; links are neither encrypted nor authenticated: whoever is on the network can read and forge "
                        + "the training",
                    "give every peer a key (peer keygen) and leave \"insecure\" out")
                : CheckResult.Ok(check, text));
            return (run, self);
        }
        catch (Exception e) when (e is SettingsException or UsageException)
        {
            report.Add(CheckResult.Failed(check, e.Message));
            return (run, null);
        }
    }

    TransportEndpoints? Key(RunConfig run, RosterEntry self)
    {
        const string check = "key";
        try
        {
            var links = new PeerIdentity(run.Path, run.Roster, self, options.Key).Links(run.Roster);
            report.Add(run.Roster.IgnoresKeys()
                ? CheckResult.Warning(check, RunConfig.KeysIgnored, "leave \"insecure\" out, or the keys")
                : CheckResult.Ok(check, run.Roster.Insecure
                    ? "none: the roster is \"insecure\": true, on loopback addresses or as its flag says"
                : $"{options.Key ?? KeyFile.PathFor(run.Path, self.Id)}: only its owner can read it, and it is that of {self.Id} "
                + "in peers.json"));
            return links;
        }
        catch (KeyFileException e)
        {
            report.Add(CheckResult.Failed(check, e.Message));
            return null;
        }
    }

    (long? Parameters, Fingerprint? Fingerprint) Data(RunConfig run, RosterEntry self, string remembered)
    {
        const string check = "data";
        try
        {
            using var data = run.OpenData(new DataCheckOptions { File = remembered, IsReadOnly = true, Time = time });
            using var model = RunModel.Create(run, data, "cpu");
            var fingerprint = run.Fingerprint(FrameHeader.ProtocolVersion, model.Count, data);
            var own = run.Data.Partition.ShardOf(data, self.Index, run.Roster.Count, run.Training.Seed).Count;
            var ours = own < data.Train.Count ? $" ({own} of them this peer's: {run.Data.Partition})" : "";
            foreach (var note in data.Notes)
                report.Add(CheckResult.Warning(check, note, "add the missing files if you want to train on all of them"));
            report.Add(CheckResult.Ok(check,
                $"{run.Data.Kind}: {data.Train.Count} samples to train on{ours}, {data.Test.Count} to test on; {run.Model.Kind} "
                    + $"of {model.Count} parameters"));
            return (model.Count, fingerprint);
        }
        catch (Exception e) when (e is DataException or SettingsException or CheckpointException or IOException
            or UnauthorizedAccessException)
        {
            report.Add(CheckResult.Failed(check, e.Message,
                (e is SettingsException ? "correct peers.json" : "correct data.path or --data")
                + "; the links are still checked, without comparing data"));
            return (null, null);
        }
        catch (Exception e) when (MemoryShortage.Of(e) is not null)
        {
            report.Add(CheckResult.Failed(check, MemoryShortage.Of(e)!,
                "the links are still checked, without comparing data"));
            return (null, null);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            report.Add(CheckResult.Failed(check, "no model can be made without libtorch", "see the libtorch line above"));
            return (null, null);
        }
    }

    void Ports(Roster roster, RosterEntry self, LinkDiagnostics diagnostics, bool runs)
    {
        const string check = "ports";
        var taken = diagnostics.ListenErrors.Select(
            hindrance => (Port: roster.PortFor(self.Index, hindrance.Peer), hindrance.Reason)).ToArray();
        if (taken.Length == 0)
        {
            report.Add(CheckResult.Ok(check, "free to listen at"));
            return;
        }
        var text = $"{string.Join(", ", taken.Select(one => one.Port).Distinct())} cannot be listened at: {taken[0].Reason}";
        report.Add(runs
            ? CheckResult.Warning(check, $"{self.Id} runs here now and has them; only connections from here are checked",
                "stop peer run for a moment to check both directions")
            : CheckResult.Failed(check, text, HostPort.PortRemedy(taken.Max(one => one.Port))));
    }

    /// <summary>True when another process has the folder; nothing is made where there is none.</summary>
    static bool IsInUse(string folder)
    {
        if (!File.Exists(Path.Combine(folder, FolderLock.FileName)))
            return false;
        try
        {
            new FolderLock(folder).Dispose();
            return false;
        }
        catch (CheckpointException)
        {
            return true;
        }
        catch (IOException)
        {
            return false; // it cannot be written at all, which the look at the disk says
        }
    }
}
