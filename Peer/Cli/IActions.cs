using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Peer.Cli.Evaluate;
using DecentralizedLion.Peer.Cli.Faults;
using DecentralizedLion.Peer.Cli.Generate;
using DecentralizedLion.Peer.Cli.Keygen;
using DecentralizedLion.Peer.Cli.Plan;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Peer.Cli.Simulate;

namespace DecentralizedLion.Peer.Cli;

/// <summary>What the commands do; each returns an exit code.</summary>
public interface IActions
{
    Task<int> Run(RunOptions options);
    Task<int> Demo(DemoOptions options);
    Task<int> Keygen(KeygenOptions options);
    Task<int> Doctor(DoctorOptions options);
    Task<int> Faults(FaultsOptions options);
    Task<int> Evaluate(EvaluateOptions options);
    Task<int> Generate(GenerateOptions options);
    Task<int> Simulate(SimulateOptions options);
    Task<int> Compare(CompareOptions options);
    Task<int> Plan(PlanOptions options);
}
