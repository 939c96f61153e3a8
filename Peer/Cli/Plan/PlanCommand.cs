using System.CommandLine;
using System.Globalization;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary><c>peer plan</c>: what a step would cost.</summary>
static class PlanCommand
{
    const int PeersMax = 4096;

    const string ParametersAllowed = "a whole number from 1 to 2147483647, also with k, M or G: 124M, 1.5G";

    public static Command Create(CommonOptions common, ICommandHandler<PlanOptions> handler)
    {
        var usual = new PlanOptions();
        var parameters = new CheckedOption<int?>("--parameters", ParametersAllowed, TryParseParameters)
        {
            Description = "How many parameters the model has: 24058, 124M (default: the network's in --peers)",
            HelpName = "N",
        };
        var peers = OptionFactory.Text("--peers", "A peers.json whose network, method and roster are planned", "FILE");
        var count = OptionFactory.Whole("--count", "How many peers (default: the roster's in --peers, or 4)", 2, PeersMax, null);
        var link = new CheckedOption<double>("--link", LinkSpeed.Allowed, LinkSpeed.TryParse)
        {
            Description = "Speed of each peer's link, each way: 100Mbit, 2.5Gbit (default: 1Gbit)",
            HelpName = "SPEED",
        };
        var latency = OptionFactory.Number("--latency", "Milliseconds from one peer to another, half of a ping", 0, 60_000,
            usual.Latency);
        var gradient = OptionFactory.Number("--gradient",
            "Seconds that a peer computes between two exchanges; shows the exchange's share of a step", 0, 1e6, null);
        var keep = OptionFactory.Number("--keep",
            "The share of the entries that graddrop and dgc send (default: as in --peers, or 0.04)", 1e-9, 1, null);
        var command = new Command("plan",
            """
            Computes what a step costs on given links. For every method and both exchanges it says what a step sends, how long
            that takes, how fast the journal grows, how large a snapshot is, and when the direct exchange beats the ring. Nothing
            is started.

            Examples:
              peer plan --parameters 124M --count 8 --link 1Gbit --latency 0.2 --gradient 0.4
              peer plan --peers examples/shakespeare.json --link 100Mbit
              peer plan --parameters 1G --count 4096 --link 25Gbit --json
            """) { parameters, peers, count, link, latency, gradient, keep, common.Json };
        command.AddCheck(result =>
        {
            if (result.GetResult(parameters) is null or { Implicit: true } && result.GetValue(peers) is null)
                result.AddError($"--parameters: missing; allowed is {ParametersAllowed}; or --peers FILE, whose "
                    + "network is counted");
        });
        command.SetAction((parsed, stop) => handler.RunAsync(new PlanOptions
        {
            Parameters = parsed.GetValue(parameters) is > 0 and var size ? size : null,
            PeersFile = parsed.GetValue(peers),
            Count = parsed.GetValue(count) is > 0 and var some ? some : null,
            Link = parsed.GetResult(link) is { Implicit: false } ? parsed.GetValue(link) : usual.Link,
            Latency = parsed.GetValue(latency),
            Gradient = parsed.GetValue(gradient) is > 0 and var seconds ? seconds : null,
            Keep = parsed.GetResult(keep) is { Implicit: false } ? parsed.GetValue(keep) : null,
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }

    static bool TryParseParameters(string text, out int? count)
    {
        count = null;
        var unit = text is [.., 'k' or 'M' or 'G'] ? text[^1] : ' ';
        if (!decimal.TryParse(text.AsSpan(0, text.Length - (unit == ' ' ? 0 : 1)), unit == ' ' ? NumberStyles.None
                : NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > int.MaxValue)
            return false;
        number *= unit switch { 'k' => 1e3m, 'M' => 1e6m, 'G' => 1e9m, _ => 1 };
        if (number < 1 || number > int.MaxValue || number != decimal.Truncate(number))
            return false;
        count = (int)number;
        return true;
    }
}
