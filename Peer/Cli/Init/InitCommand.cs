using System.CommandLine;
using System.CommandLine.Parsing;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Init;

/// <summary><c>peer init</c>: a <c>peers.json</c> for given hosts.</summary>
static class InitCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<InitOptions> handler)
    {
        var hosts = new Argument<string[]>("HOST")
        {
            Description = "The hosts in the order of their ranks: HOST, HOST:PORT, ID=HOST or ID=HOST:PORT; - reads them from "
                + "standard input, one a line",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var file = new Option<string>("--out")
        {
            Description = "The file to make",
            HelpName = "FILE",
            DefaultValueFactory = _ => "peers.json",
        };
        var port = OptionFactory.Whole("--port",
            "The port for hosts that are given without one; further peers on the same host get the next ports",
            1, 65535, InitOptions.DefaultPort);
        var settings = OptionFactory.Text("--settings", "A peers.json to copy all settings from except the peers", "FILE");
        var run = OptionFactory.Text("--run", "The run's name (default: train)", "NAME");
        var steps = OptionFactory.Whole("--steps", "Steps of the run (default: 1000)", 1, 1_000_000_000, null);
        var model = OfKind("--model", "The network (default: what fits the data)", NetworkFactory.Kinds);
        var data = OfKind("--data", "The data (default: glyphs, or text for gpt)", DataSection.Kinds);
        var keys = OptionFactory.Text("--keys",
            "Make the secret keys of all peers in this folder, for you to copy to the hosts; existing keys are kept", "DIR");
        var insecure = OptionFactory.Flag("--insecure", "Neither keys nor encryption: for peers on one computer only");
        var command = new Command("init",
            """
            Writes a peers.json for these hosts, checks it, and says what to do next. A peer's id is the first part of its host's
            name, unless one is given.

            Examples:
              peer init gpu1 gpu2 gpu3                              each host makes its own key
              peer init --keys keys gpu1 gpu2 gpu3                  all keys are made here
              scontrol show hostnames | peer init --keys keys -     the hosts of a Slurm job
              peer init --insecure a=localhost b=localhost          two peers on this computer
              peer init --data cifar10:/data/cifar10 --model vit east=10.0.0.1 west=10.0.0.2
            """) { hosts, file, port, settings, run, steps, model, data, keys, insecure, common.Force };
        command.AddCheck(result => Check(result, insecure, keys, settings, [run, steps, model, data]));
        command.SetAction((parsed, stop) => handler.RunAsync(new InitOptions
        {
            Hosts = parsed.GetValue(hosts) ?? [],
            Out = parsed.GetRequiredValue(file),
            Port = parsed.GetValue(port),
            Settings = parsed.GetValue(settings),
            Run = parsed.GetValue(run),
            Steps = parsed.GetValue(steps),
            Model = parsed.GetValue(model),
            Data = parsed.GetValue(data),
            Keys = parsed.GetValue(keys),
            Insecure = parsed.GetValue(insecure),
            Force = parsed.GetValue(common.Force),
        }, stop));
        return command;
    }

    static Option<string?> OfKind(string name, string help, IReadOnlyList<string> kinds)
    {
        var option = OptionFactory.Text(name, $"{help}: {string.Join(", ", kinds)}", "KIND[:PATH]");
        option.CompletionSources.Add([.. kinds]);
        return option;
    }

    static void Check(CommandResult result, Option<bool> insecure, Option<string?> keys, Option<string?> settings,
        Option[] replaced)
    {
        if (result.GetValue(insecure) && result.GetValue(keys) is { } folder)
            result.AddError($"--keys: found \"{folder}\" together with --insecure, which uses no keys; allowed is one of them");
        if (result.GetValue(settings) is { } other && replaced.FirstOrDefault(option => IsGiven(result, option)) is { } also)
            result.AddError($"{also.Name}: found together with --settings {other}, which has that field; allowed is one of them");
    }

    static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
