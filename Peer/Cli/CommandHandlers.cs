using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Peer.Cli.Evaluate;
using DecentralizedLion.Peer.Cli.Export;
using DecentralizedLion.Peer.Cli.Faults;
using DecentralizedLion.Peer.Cli.Generate;
using DecentralizedLion.Peer.Cli.Init;
using DecentralizedLion.Peer.Cli.Keygen;
using DecentralizedLion.Peer.Cli.Plan;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Peer.Cli.Simulate;
using DecentralizedLion.Peer.Cli.Tokenize;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The handlers of all commands.</summary>
sealed record CommandHandlers
{
    public required ICommandHandler<RunOptions> Run { get; init; }
    public required ICommandHandler<DemoOptions> Demo { get; init; }
    public required ICommandHandler<InitOptions> Init { get; init; }
    public required ICommandHandler<KeygenOptions> Keygen { get; init; }
    public required ICommandHandler<DoctorOptions> Doctor { get; init; }
    public required ICommandHandler<FaultsOptions> Faults { get; init; }
    public required ICommandHandler<DashboardOptions> Dashboard { get; init; }
    public required ICommandHandler<EvaluateOptions> Evaluate { get; init; }
    public required ICommandHandler<GenerateOptions> Generate { get; init; }
    public required ICommandHandler<ExportOptions> Export { get; init; }
    public required ICommandHandler<TokenizeOptions> Tokenize { get; init; }
    public required ICommandHandler<SimulateOptions> Simulate { get; init; }
    public required ICommandHandler<CompareOptions> Compare { get; init; }
    public required ICommandHandler<PlanOptions> Plan { get; init; }

    /// <summary>Makes those of the program.</summary>
    public static CommandHandlers Create(TimeProvider time) => new()
    {
        Run = new RunCommandHandler(time),
        Demo = new DemoCommandHandler(time),
        Init = new InitCommandHandler(() => Console.In, () => Console.IsInputRedirected, Console.Out),
        Keygen = new KeygenCommandHandler(Console.Out, Console.Error),
        Doctor = new DoctorCommandHandler(time),
        Faults = new FaultsCommandHandler(Console.Out),
        Dashboard = new DashboardCommandHandler(time),
        Evaluate = new EvaluateCommandHandler(Console.Out, time),
        Generate = new GenerateCommandHandler(),
        Export = new ExportCommandHandler(Console.Out),
        Tokenize = new TokenizeCommandHandler(time),
        Simulate = new SimulateCommandHandler(time),
        Compare = new CompareCommandHandler(time),
        Plan = new PlanCommandHandler(),
    };
}
