namespace DecentralizedLion.Topology.Membership;

/// <summary>How long the ring waits for what. All on the injected clock.</summary>
public sealed record RingTimings
{
    /// <summary>The defaults.</summary>
    public static RingTimings Default { get; } = new();

    /// <summary>Between two greetings of a peer that has not answered.</summary>
    public TimeSpan HelloEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two signs of life.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Without progress for so long, a member asks again for what it misses.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two asks for the same frames.</summary>
    public TimeSpan ResendAtMostEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it asks before it tells the operator whom it waits for.</summary>
    public int ResendAttempts { get; init; } = 6;

    /// <summary>Between two lines about a peer that stays away.</summary>
    public TimeSpan ReportEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Without any sign from a member for so long, the ring stops.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a piece of a snapshot may take before it is asked for again.</summary>
    public TimeSpan PieceTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a leaving member waits for the others' last word.</summary>
    public TimeSpan FarewellTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Positive(HelloEvery, nameof(HelloEvery));
        Positive(HeartbeatEvery, nameof(HeartbeatEvery));
        Positive(ResendAfter, nameof(ResendAfter));
        Positive(ResendAtMostEvery, nameof(ResendAtMostEvery));
        Positive(ReportEvery, nameof(ReportEvery));
        Positive(PieceTimeout, nameof(PieceTimeout));
        Positive(FarewellTimeout, nameof(FarewellTimeout));
        if (ResendAttempts < 1)
            throw new ArgumentException($"{nameof(ResendAttempts)} is {ResendAttempts}; at least 1 is allowed");
        if (GiveUpAfter <= 2 * HeartbeatEvery)
            throw new ArgumentException($"{nameof(GiveUpAfter)} is {GiveUpAfter}; it must be more than two heartbeats ({2 * HeartbeatEvery})");
    }

    static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new ArgumentException($"{name} is {value}; it must be more than zero");
    }
}
