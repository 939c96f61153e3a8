using DecentralizedLion.Peer.Configuration;
using Spectre.Console;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>Chooses the display that fits the terminal.</summary>
static class DisplayFactory
{
    static readonly TimeSpan betweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Makes a table where the terminal can show one and no plain lines are asked for; else lines.</summary>
    public static IDisplay Create(string title, RunStatus status, bool plain, TextWriter output, TimeProvider time)
    {
        if (!plain && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi)
            return new TableDisplay(AnsiConsole.Console, title, status);
        output.WriteLine(title);
        return new PlainDisplay(output, time, betweenLines);
    }

    /// <summary>The title of a run's display.</summary>
    public static string Title(RunConfig run) => $"{run.Training.Run}: {run.Model.Kind} on {run.Data.Kind}, "
        + $"{run.Training.Method} by {run.Roster.Count} peers, {run.Training.Exchange}";
}
