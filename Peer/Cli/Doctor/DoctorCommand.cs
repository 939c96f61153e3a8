using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary><c>peer doctor</c>: whether all is there, before a run.</summary>
static class DoctorCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<DoctorOptions> handler)
    {
        var usual = new DoctorOptions { PeersFile = "" };
        var id = OptionFactory.Text("--id",
            "Which entry of the roster this is (default: by host name, RANK or SLURM_PROCID)", "ID");
        var key = OptionFactory.Text("--key",
            "This peer's secret key, made by peer keygen (default: ID.key beside peers.json)", "FILE");
        var folder = OptionFactory.Text("--out", "Where peer run would write (default: runs/RUN/ID)", "DIR");
        var wait = OptionFactory.Whole("--wait", "Seconds to check the links for at most; it ends sooner when all are well", 1,
            3600, usual.Wait);
        var command = new Command("doctor",
            """
            Checks this host, its files and its links before a run. It looks at libtorch, ZeroMQ, clock, disk, roster, key, data
            and every link both ways, and says for each fault what to do. It listens at this peer's ports, so stop peer run here
            first; on the other hosts peer run or peer doctor answers. A running ring is not disturbed. Exit code 0 when nothing
            failed, else 1.

            Examples:
              peer doctor --peers peers.json --id a --device cuda:0 --data /data/cifar10
              peer doctor --id a --wait 60                     started on all hosts within a minute
            """) { common.Peers, id, key, common.Device, common.Data, folder, wait, common.Json };
        command.SetAction((parsed, stop) => handler.RunAsync(new DoctorOptions
        {
            PeersFile = parsed.GetRequiredValue(common.Peers),
            Id = parsed.GetValue(id),
            Key = parsed.GetValue(key),
            Device = parsed.GetRequiredValue(common.Device),
            Data = parsed.GetValue(common.Data),
            Out = parsed.GetValue(folder),
            Wait = parsed.GetValue(wait),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }
}
