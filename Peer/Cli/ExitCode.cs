namespace DecentralizedLion.Peer.Cli;

/// <summary>The program's exit codes.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran and failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a file is wrong; nothing was begun.</summary>
    public const int Usage = 2;

    /// <summary>Stopped at once by a second Ctrl-C, or left behind by the process that started it.</summary>
    public const int Cut = 3;
}
