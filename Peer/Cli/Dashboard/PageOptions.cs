using System.CommandLine;
using System.CommandLine.Parsing;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Dashboard;

/// <summary>The options of commands that serve a page of their run.</summary>
sealed class PageOptions
{
    /// <summary>The address; given without one, it is the usual one.</summary>
    public Option<string?> Dashboard { get; } = new("--dashboard")
    {
        Description = "Serve a web page of the run while it runs (default: 127.0.0.1:8470; other addresses need a token)",
        HelpName = "ADDRESS:PORT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The token.</summary>
    public Option<string?> Token { get; } = OptionFactory.Text(
        "--dashboard-token", "The token that page and metrics ask for (default: a random one where one is needed)", "TOKEN");

    /// <summary>The address of the metrics alone.</summary>
    public Option<string?> Metrics { get; } = OptionFactory.Text("--metrics",
        "Serve the metrics for Prometheus at this address, path /metrics; the page has them, too", "[ADDRESS:]PORT");

    /// <summary>The address that was asked for: null is no page, an empty text the usual address.</summary>
    public string? AddressOf(ParseResult parsed) =>
        parsed.GetResult(Dashboard) is { Implicit: false } ? parsed.GetValue(Dashboard) ?? "" : null;

    /// <summary>Refuses a token that nothing would ask for.</summary>
    public void Check(CommandResult result)
    {
        if (IsGiven(result, Token) && !IsGiven(result, Dashboard) && !IsGiven(result, Metrics))
            result.AddError($"{Token.Name}: found without {Dashboard.Name} and {Metrics.Name}, which ask for it; needed is one "
                + "of them");
    }

    static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
