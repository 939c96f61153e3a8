namespace DecentralizedLion.Peer.Cli;

/// <summary>The program's exit codes.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran and failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a file is wrong; nothing was begun.</summary>
    public const int Usage = 2;

    /// <summary>Left behind by the process that started it.</summary>
    public const int Orphaned = 3;

    /// <summary>Ended at once by a second Ctrl-C: 128 and the number of SIGINT, as a shell says of any program that Ctrl-C
    /// ends.</summary>
    public const int Interrupted = 130;

    /// <summary>All of them, and what each means.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Done, "done; also left in order after Ctrl-C, SIGTERM, SIGHUP, SIGUSR1 or SIGUSR2"),
        (Failed, "it ran and failed, or was stopped before its work was done; the last lines say why"),
        (Usage, "the command line or a file is wrong; nothing was begun"),
        (Orphaned, "a peer of the demo whose parent process is gone did not leave within 20 s"),
        (Interrupted, "ended at once by a second Ctrl-C; no other signal does that, since service managers send several"),
    ];
}
