using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>Checks all that a run needs and prints what was found.</summary>
sealed class DoctorCommandHandler(TimeProvider time) : ICommandHandler<DoctorOptions>
{
    public async Task<int> RunAsync(DoctorOptions options, CancellationToken stop)
    {
        using var progress = ProgressLine.OfConsole(time);
        return await new DoctorRun(options, new DoctorReport(Console.Out, options.Json), Environment.MachineName, progress, time)
            .Run();
    }
}
