using System.CommandLine;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary><c>peer demo</c>: all peers on this computer.</summary>
static class DemoCommand
{
    public static Command Create(CommonOptions common, PageOptions page, ICommandHandler<DemoOptions> handler)
    {
        var folder = OptionFactory.Text("--out", "Where the peers' folders go (default: runs/RUN)", "DIR");
        var plain = OptionFactory.Flag("--plain", "Lines instead of a table");
        var fresh = OptionFactory.Flag("--fresh", "Begin anew where checkpoints of an earlier demo are, and delete those");
        var noRestart = OptionFactory.Flag("--no-restart",
            "Do not start a peer again that was killed; the others continue without it");
        var command = new Command("demo",
            """
            Runs all peers of a roster on this computer. Each has a process of its own, and one table shows them. A peer that
            is killed (try kill -9) is started again and rejoins by itself.

            Examples:
              peer demo
              peer demo --peers examples/cifar10.json --data /data/cifar10 --out runs/cifar10
            """)
        {
            common.Peers, common.Device, common.Data, folder, common.Threads, plain, fresh, noRestart, common.FaultReport,
            page.Dashboard, page.Token, page.Metrics, common.TensorBoard,
        };
        command.AddCheck(page.Check);
        command.SetAction((parsed, stop) => handler.RunAsync(new DemoOptions
        {
            PeersFile = parsed.GetRequiredValue(common.Peers),
            Device = parsed.GetRequiredValue(common.Device),
            Data = parsed.GetValue(common.Data),
            Out = parsed.GetValue(folder),
            Threads = parsed.GetValue(common.Threads),
            Plain = parsed.GetValue(plain),
            Fresh = parsed.GetValue(fresh),
            NoRestart = parsed.GetValue(noRestart),
            FaultReport = parsed.GetValue(common.FaultReport),
            Dashboard = page.AddressOf(parsed),
            DashboardToken = parsed.GetValue(page.Token),
            Metrics = parsed.GetValue(page.Metrics),
            TensorBoard = parsed.GetValue(common.TensorBoard),
        }, stop));
        return command;
    }
}
