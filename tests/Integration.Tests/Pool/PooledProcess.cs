using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace DecentralizedLion.Integration.Tests.Pool;

/// <summary>A process that runs commands of the program, one at a time.</summary>
sealed class PooledProcess : IDisposable
{
    readonly Process process;

    PooledProcess(Process process) => this.process = process;

    /// <summary>Starts one that waits for its first command, with the program's own settings of the runtime.</summary>
    public static PooledProcess Start()
    {
        var runtime = Path.Combine(AppContext.BaseDirectory, "peer.runtimeconfig.json");
        var tests = typeof(PooledProcess).Assembly.Location;
        return new(OwnProgram.Launch(["dotnet", "exec", "--runtimeconfig", runtime, tests], [PooledProgram.Command]));
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public void Begin(IReadOnlyList<string> arguments) => Write(PooledProgram.Start + JsonSerializer.Serialize(arguments));

    /// <summary>Writes a line to the running command's standard input.</summary>
    public void Write(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
    }

    /// <summary>Gives every line that the running command prints to an action, until it ends, or the process does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Read(Action<string> line)
    {
        var codes = await Task.WhenAll(Read(process.StandardOutput, line), Read(process.StandardError, line));
        if (codes is [{ } code, not null])
            return code;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    /// <returns>The command's exit code; null when the stream ended with the process.</returns>
    static async Task<int?> Read(StreamReader stream, Action<string> told)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(PooledProgram.Ended, StringComparison.Ordinal))
                return int.Parse(line[PooledProgram.Ended.Length..], CultureInfo.InvariantCulture);
            told(line);
        }
        return null;
    }
}
