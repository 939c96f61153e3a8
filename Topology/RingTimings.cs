namespace DecentralizedLion.Topology;

/// <summary>The ring's timeouts and intervals. All on the injected clock.</summary>
sealed record RingTimings
{
    /// <summary>The defaults.</summary>
    public static RingTimings Default { get; } = new();

    /// <summary>Between two greetings of a peer that has not answered.</summary>
    public TimeSpan HelloInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two signs of life.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Without progress for so long, a member asks again for what it misses.</summary>
    public TimeSpan ResendDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two asks for the same frames.</summary>
    public TimeSpan ResendDelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The number of times that it asks before it tells the operator whom it waits for.</summary>
    public int ResendAttempts { get; init; } = 6;

    /// <summary>Between two lines about something that lasts.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at who is there and what is due.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Without any frame from a member for so long it is suspected to be dead.</summary>
    public TimeSpan SuspicionTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The time that a proposer of a view waits for a quorum's answer before it, or another, tries again.</summary>
    public TimeSpan ProposeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The time that a piece of a record or snapshot may take before it is asked for again.</summary>
    public TimeSpan PieceTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The share of the time, 0 … 1, in which a returning peer has pieces on the way.</summary>
    public double FetchTimeShare { get; init; } = 0.25;

    /// <summary>The time that a leaving member waits for the others, and the others at the run's end for one that is still
    /// fetching.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time that wishes to leave are gathered for after the newest of them, and at most twice after the oldest, so that peers
    /// which are told to stop together leave by one view. Steps go on meanwhile; when all members want to leave, nothing is
    /// waited for.
    /// </summary>
    public TimeSpan LeaveGatherTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest time after a removal before a member is taken back; it doubles from removal to removal up to
    /// this.</summary>
    public TimeSpan RejoinDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time for which the other way of the exchange must look clearly faster before a member proposes it.</summary>
    public TimeSpan ExchangeSwitchTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The shortest time between two views that differ in the way of the exchange only; it doubles with each change
    /// that is taken back soon.</summary>
    public TimeSpan ExchangeSwitchInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True when a member whose ballot is late takes part as a relay; false: the ring waits for every ballot.</summary>
    public bool UseStragglerDeadline { get; init; } = true;

    /// <summary>A ballot is late after the median of all members' recent gradient times plus this many of their median absolute
    /// deviations.</summary>
    public double DeadlineDeviations { get; init; } = 4;

    /// <summary>
    /// No ballot is late before this many medians: a peer that is much slower holds up one step of many only, since at the others
    /// it is still at an earlier one, and a busy host's hiccup is no reason to lose a ballot.
    /// </summary>
    public double DeadlineMedians { get; init; } = 1.5;

    /// <summary>No ballot is late before this.</summary>
    public TimeSpan DeadlineMin { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Every ballot is late after this.</summary>
    public TimeSpan DeadlineMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time for which the members' shares of the samples must be clearly wrong before a view is proposed that has
    /// others.</summary>
    public TimeSpan RebalanceTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The least time between two such views; it doubles with each, up to an hour.</summary>
    public TimeSpan RebalanceInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Positive(HelloInterval, nameof(HelloInterval));
        Positive(HeartbeatInterval, nameof(HeartbeatInterval));
        Positive(ResendDelay, nameof(ResendDelay));
        Positive(ResendDelayMax, nameof(ResendDelayMax));
        Positive(ReportInterval, nameof(ReportInterval));
        Positive(TickInterval, nameof(TickInterval));
        Positive(ProposeTimeout, nameof(ProposeTimeout));
        Positive(PieceTimeout, nameof(PieceTimeout));
        Positive(LeaveTimeout, nameof(LeaveTimeout));
        Positive(LeaveGatherTime, nameof(LeaveGatherTime));
        Positive(RejoinDelayMax, nameof(RejoinDelayMax));
        Positive(DeadlineMin, nameof(DeadlineMin));
        Positive(ExchangeSwitchTime, nameof(ExchangeSwitchTime));
        Positive(ExchangeSwitchInterval, nameof(ExchangeSwitchInterval));
        Positive(RebalanceTime, nameof(RebalanceTime));
        Positive(RebalanceInterval, nameof(RebalanceInterval));
        if (ResendAttempts < 1)
            throw new ArgumentException($"{nameof(ResendAttempts)} is {ResendAttempts}; at least 1 is allowed");
        if (SuspicionTimeout <= 2 * HeartbeatInterval)
            throw new ArgumentException($"{nameof(SuspicionTimeout)} is {SuspicionTimeout}; it must be more than two heartbeats "
                + $"({2 * HeartbeatInterval})");
        if (FetchTimeShare is not (> 0 and <= 1))
            throw new ArgumentException($"{nameof(FetchTimeShare)} is {FetchTimeShare}; it must be more than 0 and at most 1");
        if (DeadlineDeviations < 0 || DeadlineMedians < 1 || DeadlineMax < DeadlineMin)
            throw new ArgumentException(
                $"{nameof(DeadlineDeviations)} is {DeadlineDeviations}, {nameof(DeadlineMedians)} {DeadlineMedians} and "
                    + $"{nameof(DeadlineMax)} {DeadlineMax}; "
                + $"allowed are 0 and more, 1 and more, and at least {nameof(DeadlineMin)} ({DeadlineMin})");
    }

    static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new ArgumentException($"{name} is {value}; it must be more than zero");
    }
}
