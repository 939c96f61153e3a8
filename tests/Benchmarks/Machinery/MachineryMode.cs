namespace DecentralizedLion.Benchmarks.Machinery;

/// <summary>The part of the machinery for faults that is on.</summary>
enum MachineryMode
{
    /// <summary>All of it, as the program has it.</summary>
    On,

    /// <summary>All of it, but every ballot is waited for: late ones change what a step is made of, and so how long it
    /// takes.</summary>
    Awaited,

    /// <summary>Nothing that can be switched off: no journal, no slice digests, hardly a heartbeat, no ready, no
    /// deadline.</summary>
    Off,
}
