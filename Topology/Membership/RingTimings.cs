namespace DecentralizedLion.Topology.Membership;

/// <summary>How long the ring waits for what. All on the injected clock.</summary>
public sealed record RingTimings
{
    /// <summary>The defaults.</summary>
    public static RingTimings Default { get; } = new();

    /// <summary>Between two greetings of a peer that has not answered.</summary>
    public TimeSpan HelloEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two signs of life.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Without progress for so long, a member asks again for what it misses.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two asks for the same frames.</summary>
    public TimeSpan ResendAtMostEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it asks before it tells the operator whom it waits for.</summary>
    public int ResendAttempts { get; init; } = 6;

    /// <summary>Between two lines about something that lasts.</summary>
    public TimeSpan ReportEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at who is there and what is due.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Without any frame from a member for so long it is suspected to be dead.</summary>
    public TimeSpan SuspectAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a proposer of a view waits for a quorum's answer before it, or another, tries again.</summary>
    public TimeSpan ProposeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a piece of a record or snapshot may take before it is asked for again.</summary>
    public TimeSpan PieceTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The share of the time, 0 … 1, in which a returning peer has pieces on the way.</summary>
    public double FetchShare { get; init; } = 0.25;

    /// <summary>How long a leaving member waits for the others, and the others at the run's end for one that is still fetching.</summary>
    public TimeSpan FarewellTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time after a removal before a member is taken back; it doubles from removal to removal up to this.</summary>
    public TimeSpan ReadmitAtMostAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a member whose ballot is late takes part as a relay; false: the ring waits for every ballot.</summary>
    public bool Abstain { get; init; } = true;

    /// <summary>A ballot is late after the median of all members' recent gradient times plus this many of their median absolute deviations.</summary>
    public double LateFactor { get; init; } = 4;

    /// <summary>
    /// No ballot is late before this many medians: a peer that is much slower holds up one step of many only, since at the others it is still
    /// at an earlier one, and a busy host's hiccup is no reason to lose a ballot.
    /// </summary>
    public double LateRatio { get; init; } = 1.5;

    /// <summary>No ballot is late before this.</summary>
    public TimeSpan LateFloor { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Every ballot is late after this.</summary>
    public TimeSpan LateCeiling { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Positive(HelloEvery, nameof(HelloEvery));
        Positive(HeartbeatEvery, nameof(HeartbeatEvery));
        Positive(ResendAfter, nameof(ResendAfter));
        Positive(ResendAtMostEvery, nameof(ResendAtMostEvery));
        Positive(ReportEvery, nameof(ReportEvery));
        Positive(LookEvery, nameof(LookEvery));
        Positive(ProposeTimeout, nameof(ProposeTimeout));
        Positive(PieceTimeout, nameof(PieceTimeout));
        Positive(FarewellTimeout, nameof(FarewellTimeout));
        Positive(ReadmitAtMostAfter, nameof(ReadmitAtMostAfter));
        Positive(LateFloor, nameof(LateFloor));
        if (ResendAttempts < 1)
            throw new ArgumentException($"{nameof(ResendAttempts)} is {ResendAttempts}; at least 1 is allowed");
        if (SuspectAfter <= 2 * HeartbeatEvery)
            throw new ArgumentException($"{nameof(SuspectAfter)} is {SuspectAfter}; it must be more than two heartbeats ({2 * HeartbeatEvery})");
        if (FetchShare is not (> 0 and <= 1))
            throw new ArgumentException($"{nameof(FetchShare)} is {FetchShare}; it must be more than 0 and at most 1");
        if (LateFactor < 0 || LateRatio < 1 || LateCeiling < LateFloor)
            throw new ArgumentException($"{nameof(LateFactor)} is {LateFactor}, {nameof(LateRatio)} {LateRatio} and {nameof(LateCeiling)} {LateCeiling}; "
                + $"allowed are 0 and more, 1 and more, and at least {nameof(LateFloor)} ({LateFloor})");
    }

    static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new ArgumentException($"{name} is {value}; it must be more than zero");
    }
}
