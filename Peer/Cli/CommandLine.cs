using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Cli.Completion;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Peer.Cli.Evaluate;
using DecentralizedLion.Peer.Cli.Export;
using DecentralizedLion.Peer.Cli.Faults;
using DecentralizedLion.Peer.Cli.Generate;
using DecentralizedLion.Peer.Cli.Init;
using DecentralizedLion.Peer.Cli.Keygen;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Cli.Plan;
using DecentralizedLion.Peer.Cli.Reference;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Peer.Cli.Simulate;
using DecentralizedLion.Peer.Cli.Tokenize;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The program's commands and their options.</summary>
sealed class CommandLine(CommandHandlers handlers)
{
    /// <summary>Parses and does what is asked. Wrong words go to <paramref name="error"/> with what is allowed; exit code
    /// 2.</summary>
    public async Task<int> Invoke(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var root = Root();
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            UsageErrors.Write(parsed, error);
            return ExitCode.Usage;
        }
        // The commands handle Ctrl-C themselves: leaving in order may take longer than a library's patience.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    RootCommand Root()
    {
        var common = new CommonOptions();
        var page = new PageOptions();
        var root = new RootCommand(
            """
            DecentralizedLion: peers train one model together, with one vote of signs a step and no server.

            Examples:
              peer demo                                        four peers on this computer
              peer run --peers peers.json --id a               run this host's peer
              peer init gpu1 gpu2 gpu3                         make a peers.json for these hosts
              peer keygen a                                    make a peer's key
              peer doctor --id a                               check this host, files and links
              peer dashboard runs/demo                         a run as a web page
              peer evaluate --checkpoint runs/demo             accuracy on the test data
              peer generate --prompt "ROMEO:"                  text from a trained gpt
              peer export --safetensors demo.safetensors       export the trained weights for PyTorch
              peer tokenize input.txt data/shakespeare         a text as tokens to train on
              peer simulate --seeds 1..1000                    the ring under faults, simulated
              peer compare examples/compare/cifar10.json       methods side by side, as tables and charts
              peer plan --parameters 1000000 --link 1Gbit      what a step sends and how long that takes
            """)
        {
            RunCommand.Create(common, page, handlers.Run),
            DemoCommand.Create(common, page, handlers.Demo),
            InitCommand.Create(common, handlers.Init),
            KeygenCommand.Create(common, handlers.Keygen),
            DoctorCommand.Create(common, handlers.Doctor),
            FaultsCommand.Create(common, handlers.Faults),
            DashboardCommand.Create(handlers.Dashboard),
            EvaluateCommand.Create(common, handlers.Evaluate),
            GenerateCommand.Create(common, handlers.Generate),
            ExportCommand.Create(common, handlers.Export),
            TokenizeCommand.Create(common, handlers.Tokenize),
            SimulateCommand.Create(common, handlers.Simulate),
            CompareCommand.Create(common, handlers.Compare),
            PlanCommand.Create(common, handlers.Plan),
            CompletionCommand.Create(),
            ReferenceCommand.Create(),
        };
        foreach (var command in root.Subcommands)
            CommandChecks.RefuseEmptyTexts(command);
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new BriefHelp((HelpAction)help.Action!);
        foreach (var version in root.Options.OfType<VersionOption>())
            version.Action = new VersionText();
        return root;
    }
}
