namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>The faults that a simulated network adds to frames. Probabilities are per frame.</summary>
sealed record NetworkFaults
{
    /// <summary>A network without faults.</summary>
    public static NetworkFaults None { get; } = new();

    /// <summary>The chance that a frame is lost.</summary>
    public double Loss { get; init; }

    /// <summary>The chance that a frame comes twice.</summary>
    public double Repeat { get; init; }

    /// <summary>The chance that a bit of a frame is flipped.</summary>
    public double Corrupt { get; init; }

    /// <summary>The shortest time a frame takes.</summary>
    public TimeSpan ShortestDelay { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The longest time a frame takes.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>True when frames of one connection may overtake each other.</summary>
    public bool Reorder { get; init; }
}
