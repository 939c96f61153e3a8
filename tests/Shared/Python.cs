using System.Diagnostics;

namespace DecentralizedLion.Tests;

/// <summary>Runs the Python programs that tests compare with.</summary>
static class Python
{
    /// <summary>Runs a program to its end and returns what it printed; a program that fails fails the test, with what it
    /// said.</summary>
    /// <param name="script">The program's file, beside the test's.</param>
    /// <param name="arguments">Its arguments.</param>
    public static string Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Requirement.PythonProgram,
            [Path.Combine(AppContext.BaseDirectory, script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{script} ends with {process.ExitCode}: {errors.Result}");
        return output;
    }
}
