namespace DecentralizedLion.Peer.Commands;

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
