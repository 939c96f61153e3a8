using System.CommandLine;
using System.CommandLine.Parsing;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary><c>peer run</c>: this host's peer.</summary>
static class RunCommand
{
    public static Command Create(CommonOptions common, PageOptions page, ICommandHandler<RunOptions> handler)
    {
        var id = OptionFactory.Text(
            "--id", "Which entry of the roster this is (default: by host or Slurm node name, RANK or SLURM_PROCID)", "ID");
        var key = OptionFactory.Text("--key",
            "This peer's secret key, made by peer keygen (default: ID.key beside peers.json)", "FILE");
        var folder = OptionFactory.Text("--out", "Where checkpoints and metrics go (default: runs/RUN/ID)", "DIR");
        var fresh = OptionFactory.Flag("--fresh", "Begin anew where checkpoints of an earlier run are, and delete those");
        var bootstrap = OptionFactory.Flag("--bootstrap",
            "Start a new run now, from this host only; start the others without the flag and they join");
        var forceNewRing = OptionFactory.Flag("--force-new-ring",
            "Continue from this host's disk when the disks of a quorum are lost for good. One host only. DANGER: if the missing "
                + "peers are merely unreachable, two diverging runs result");
        var oldBootstrap = OptionFactory.OldName("--found", bootstrap);
        var oldForceNewRing = OptionFactory.OldName("--refound", forceNewRing);
        var slow = OptionFactory.Number("--slow",
            "For trying out what a slow host does: a gradient takes X times as long", 1, 1000, 1);
        var health = OptionFactory.Text("--health-file",
            "For a health check: a file that is written anew every 5 seconds while this peer's ring answers", "FILE");
        var plain = OptionFactory.Flag("--plain", "Lines instead of a table");
        var profile = OptionFactory.Flag("--profile",
            "Measure where each step's time goes: a table at the end, and a line of each step in metrics.jsonl");
        var logFormat = OptionFactory.Word("--log-format", "What is printed: text for people, or json, an object a line",
            ["text", "json"], "text", word => word == "json" ? LogFormat.Json : LogFormat.Text);
        var child = OptionFactory.Flag("--child", "Started by peer demo: print events, leave when standard input says so");
        child.Hidden = true;
        var command = new Command("run",
            """
            Runs this host's peer until the run's last step. Ctrl-C saves a checkpoint, leaves the ring and
            exits with 0.

            Examples:
              peer run --peers peers.json --id a --device cuda:0 --data /data/cifar10
              srun peer run --peers peers.json               ids by Slurm's ranks
            """)
        {
            common.Peers, id, key, common.Device, common.Data, folder, common.Threads, fresh, bootstrap,
                oldBootstrap, forceNewRing,
            oldForceNewRing, slow, health, plain, common.FaultReport, profile, page.Dashboard, page.Token, page.Metrics,
            common.TensorBoard, logFormat, child,
        };
        command.AddCheck(page.Check);
        command.AddCheck(result =>
        {
            if (!IsGiven(result, forceNewRing, oldForceNewRing))
                return;
            if (IsGiven(result, bootstrap, oldBootstrap))
                result.AddError("--force-new-ring: found together with --bootstrap; allowed is one of them: --bootstrap "
                    + "begins a new run, --force-new-ring continues an old one");
            if (result.GetValue(fresh))
                result.AddError("--force-new-ring: found together with --fresh, which deletes what --force-new-ring "
                    + "continues from; allowed is one of them");
        });
        command.SetAction((parsed, stop) =>
        {
            OptionFactory.NoteOldNames(parsed, (oldBootstrap, bootstrap), (oldForceNewRing, forceNewRing));
            return handler.RunAsync(new RunOptions
            {
                PeersFile = parsed.GetRequiredValue(common.Peers),
                Id = parsed.GetValue(id),
                Key = parsed.GetValue(key),
                Device = parsed.GetRequiredValue(common.Device),
                Data = parsed.GetValue(common.Data),
                Out = parsed.GetValue(folder),
                Threads = parsed.GetValue(common.Threads),
                Fresh = parsed.GetValue(fresh),
                Bootstrap = IsGiven(parsed.CommandResult, bootstrap, oldBootstrap) ? Bootstrap.Single
                    : IsGiven(parsed.CommandResult, forceNewRing, oldForceNewRing) ? Bootstrap.ForceNewRing : Bootstrap.AllPeers,
                Slow = parsed.GetValue(slow),
                HealthFile = parsed.GetValue(health),
                Plain = parsed.GetValue(plain),
                FaultReport = parsed.GetValue(common.FaultReport),
                Profile = parsed.GetValue(profile),
                Dashboard = page.AddressOf(parsed),
                DashboardToken = parsed.GetValue(page.Token),
                Metrics = parsed.GetValue(page.Metrics),
                TensorBoard = parsed.GetValue(common.TensorBoard),
                LogFormat = parsed.GetValue(logFormat),
                Child = parsed.GetValue(child),
            }, stop);
        });
        return command;
    }

    static bool IsGiven(CommandResult result, Option<bool> flag, Option<bool> oldName) =>
        result.GetValue(flag) || result.GetValue(oldName);
}
