namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>Checks all that a run needs and prints what was found.</summary>
sealed class DoctorCommandHandler(TimeProvider time) : ICommandHandler<DoctorOptions>
{
    public Task<int> RunAsync(DoctorOptions options, CancellationToken stop) =>
        new DoctorRun(options, new DoctorReport(Console.Out, options.Json), Environment.MachineName, time).Run();
}
