using DecentralizedLion.Peer.Configuration;
using Spectre.Console;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>Chooses the display that fits the terminal.</summary>
static class DisplayFactory
{
    static readonly TimeSpan betweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Makes a table where the standard output is a terminal that can show one, and no plain lines are asked for; else
    /// lines, which have no colours.</summary>
    public static IDisplay Create(string title, RunStatus status, bool plain, TextWriter output, TimeProvider time)
    {
        if (!plain && !Console.IsOutputRedirected)
        {
            var console = AnsiConsole.Create(
                new AnsiConsoleSettings { ColorSystem = Colors(Environment.GetEnvironmentVariable) });
            if (console.Profile.Capabilities.Ansi)
                return new TableDisplay(console, title, status);
        }
        output.WriteLine(title);
        return new PlainDisplay(output, time, betweenLines);
    }

    /// <summary>The colours that a terminal gets: none where NO_COLOR is set and not empty, as no-color.org says.</summary>
    internal static ColorSystemSupport Colors(Func<string, string?> environment) =>
        environment("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect;

    /// <summary>The title of a run's display.</summary>
    public static string Title(RunConfig run) => $"{run.Training.Run}: {run.Model.Kind} on {run.Data.Kind}, "
        + $"{run.Training.Method} by {run.Roster.Count} peers, {run.Training.Exchange}";
}
