namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>The faults that are done to peers.</summary>
enum FaultAction
{
    /// <summary>Nothing: it was only waited for.</summary>
    Wait,

    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGSTOP.</summary>
    Freeze,

    /// <summary>SIGCONT.</summary>
    Thaw,

    /// <summary>Their folders are deleted.</summary>
    Wipe,

    /// <summary>They are told to leave in order, and do.</summary>
    Leave,

    /// <summary>Their ends in order, with the run's last step, are waited for.</summary>
    Finish,

    /// <summary>They are started again.</summary>
    Start,

    /// <summary>They are started again with --force-new-ring.</summary>
    ForceNewRing,

    /// <summary>They are cut off from all others.</summary>
    Cut,

    /// <summary>The cut is healed.</summary>
    Heal,
}
