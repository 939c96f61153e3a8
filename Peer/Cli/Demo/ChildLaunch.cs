using System.Diagnostics;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>The command that starts this program again: its own executable, or dotnet with its assembly.</summary>
/// <param name="File">The executable.</param>
/// <param name="Before">Arguments before the program's own.</param>
sealed record ChildLaunch(string File, IReadOnlyList<string> Before)
{
    public static ChildLaunch OfThisProgram()
    {
        var file = Environment.ProcessPath
            ?? throw new InvalidOperationException("this process has no path; the demo cannot start peers");
        return Path.GetFileNameWithoutExtension(file) == "dotnet"
            ? new ChildLaunch(file, [Path.Combine(AppContext.BaseDirectory, "peer.dll")])
            : new ChildLaunch(file, []);
    }

    /// <summary>A start with all three streams redirected and the math libraries held to a number of threads.</summary>
    public ProcessStartInfo With(IReadOnlyList<string> arguments, int threads)
    {
        var start = new ProcessStartInfo(File, [.. Before, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // libtorch and OpenBLAS read these when they are loaded, before the program can set anything.
        start.Environment["OMP_NUM_THREADS"] = start.Environment["OPENBLAS_NUM_THREADS"] = $"{threads}";
        return start;
    }
}
