using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Dashboard;

/// <summary><c>peer dashboard</c>: a run as a web page.</summary>
static class DashboardCommand
{
    public static Command Create(ICommandHandler<DashboardOptions> handler)
    {
        var folder = new Argument<string>("DIR") { Description = "A run's folder, or one peer's; it may be running" };
        var listen = OptionFactory.Text(
            "--listen", "The address to serve at (default: 127.0.0.1:8470; elsewhere it asks for a token)", "ADDRESS:PORT");
        var token = OptionFactory.Text(
            "--token", "The token that the page asks for (default: a random one where one is needed)", "TOKEN");
        var command = new Command("dashboard",
            """
            Serves a web page of a run. It shows the ring, charts, events and the ring's state at any step, from the metrics.jsonl
            files below a folder. It only reads. Ctrl-C ends it.

            Examples:
              peer dashboard runs/demo
              peer dashboard runs/demo --listen 0.0.0.0:8470    for other computers, with a token
            """) { folder, listen, token };
        command.SetAction((parsed, stop) => handler.RunAsync(new DashboardOptions
        {
            Folder = parsed.GetRequiredValue(folder),
            Listen = parsed.GetValue(listen),
            Token = parsed.GetValue(token),
        }, stop));
        return command;
    }
}
