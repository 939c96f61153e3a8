namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>The end of a child process.</summary>
/// <param name="Code">Its exit code; of a process that a signal ended, 128 and the signal's number.</param>
readonly record struct ChildExit(int Code)
{
    const int Signals = 128, Ill = 4, Abort = 6, Bus = 7, FloatingPoint = 8, Kill = 9, Segment = 11, Terminate = 15;

    int Signal => Code > Signals ? Code - Signals : 0;

    /// <summary>True when somebody ended it from outside: a person, or a system that was short of memory.</summary>
    public bool IsKilled => Signal is not (0 or Ill or Abort or Bus or FloatingPoint or Segment);

    /// <summary>Such as: with code 1, by signal 9 (SIGKILL).</summary>
    public override string ToString() => Signal switch
    {
        0 => $"with code {Code}",
        Kill => $"by signal {Kill} (SIGKILL)",
        Terminate => $"by signal {Terminate} (SIGTERM)",
        Abort => $"by signal {Abort} (SIGABRT)",
        Segment => $"by signal {Segment} (SIGSEGV)",
        var signal => $"by signal {signal}",
    };
}
