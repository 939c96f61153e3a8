using System.ComponentModel;
using System.Diagnostics;

namespace DecentralizedLion.Tests;

/// <summary>Things that a test needs beside the project; each member says what is missing, or null where all is there.</summary>
static class Requirement
{
    const string HowTo = "tests/setup.sh installs it";

    /// <summary>The Python that tests run: the one that PYTHON names, else the system's, whose modules are packages of the
    /// system.</summary>
    public static string PythonProgram =>
        Environment.GetEnvironmentVariable("PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";

    /// <summary>Why Python cannot be run with these modules.</summary>
    public static string? MissingPython(params string[] modules) => MissingPython(PythonProgram, modules);

    /// <summary>The same of a certain Python.</summary>
    public static string? MissingPython(string program, string[] modules)
    {
        const string script = """
            import importlib.util, sys
            print(*[name for name in sys.argv[1:] if not importlib.util.find_spec(name)])
            """;
        try
        {
            var start = new ProcessStartInfo(program, ["-c", script, .. modules]) { RedirectStandardOutput = true };
            using var python = Process.Start(start)!;
            string[] missing = python.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            python.WaitForExit();
            if (python.ExitCode != 0)
                return $"{program} ends with code {python.ExitCode}";
            return missing.Length == 0 ? null : $"{program} has no module {string.Join(", ", missing)}: {HowTo}{Option(missing)}";
        }
        catch (Win32Exception)
        {
            return $"{program} does not start: {HowTo}";
        }
    }

    /// <summary>The browser that tests run: the one that CHROMIUM names, else the system's Chromium.</summary>
    public static string BrowserProgram => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named
        : Browsers.FirstOrDefault(File.Exists) ?? Browsers[0];

    static string[] Browsers => ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Why there is no browser.</summary>
    public static string? MissingBrowser() =>
        File.Exists(BrowserProgram) ? null : $"there is no browser {BrowserProgram}: {HowTo}";

    /// <summary>Why this user may not capture what travels on the loopback device.</summary>
    public static string? MissingRoot() => Environment.IsPrivilegedProcess ? null : "this user is not root";

    /// <summary>Why no network namespaces can be made here.</summary>
    public static string? MissingNamespaces()
    {
        if ((MissingRoot() ?? MissingCommand("ip")) is { } why)
            return why;
        using var unshare = Process.Start(new ProcessStartInfo("unshare", ["--net", "true"]) { RedirectStandardError = true })!;
        unshare.StandardError.ReadToEnd();
        unshare.WaitForExit();
        return unshare.ExitCode == 0 ? null : "root may make no network namespaces here";
    }

    /// <summary>Why a command cannot be run.</summary>
    public static string? MissingCommand(string name)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin"];
        return folders.Any(folder => File.Exists(Path.Combine(folder, name))) ? null : $"there is no command {name}: {HowTo}";
    }

    static string Option(string[] missing) => missing.Contains("torch") ? " with --benchmarks" : "";
}
