using System.Diagnostics;
using DecentralizedLion.Peer.Cli.Demo;

namespace DecentralizedLion.Integration.Tests;

/// <summary>The program in a process of its own.</summary>
sealed class OwnProgram(Process process) : IProgram
{
    /// <summary>Starts the program with some arguments.</summary>
    /// <param name="before">What its command begins with: nothing, or what puts it on another host.</param>
    /// <param name="arguments">The program's own.</param>
    public static OwnProgram Start(IReadOnlyList<string> before, IReadOnlyList<string> arguments) =>
        new(Launch([.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "peer.dll")], arguments));

    /// <summary>Starts a process whose math libraries are held to one thread.</summary>
    public static Process Launch(IReadOnlyList<string> command, IReadOnlyList<string> arguments)
    {
        var start = new ChildLaunch(command[0], [.. command.Skip(1)]).With(arguments, threads: 1);
        // A test runner's own settings are not the program's.
        foreach (var variable in new[] { "RANK", "SLURM_PROCID", "DOTNET_STARTUP_HOOKS" })
            start.Environment.Remove(variable);
        return Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
    }

    public int Id => process.Id;

    public async Task<int> Read(Action<string> line)
    {
        await Task.WhenAll(Read(process.StandardOutput, line), Read(process.StandardError, line));
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public void Say(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
    }

    public void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    static async Task Read(StreamReader stream, Action<string> told)
    {
        while (await stream.ReadLineAsync() is { } line)
            told(line);
    }
}
