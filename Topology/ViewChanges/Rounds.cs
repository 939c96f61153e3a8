namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The numbers of rounds: a counter with the proposer's rank in its low bits, so that each is one proposer's.</summary>
static class Rounds
{
    const int RankBits = 8;

    // Proposers go up by one, and at most some ten times a second. A round further off was made up: one near the end of all
    // numbers would leave no higher one for anybody. It is not promised, and what is known of rounds goes up by this much only,
    // which so many messages as to reach the end do not fit into a year; if acceptors were led astray by different amounts,
    // asking again lets them meet.
    const long JumpMax = 1L << 28;

    /// <summary>The next round of a proposer after the highest that it knows.</summary>
    public static long Next(long highest, int rank) => (((highest >> RankBits) + 1) << RankBits) | (uint)rank;

    /// <summary>False for a round so far above the highest known one that it was made up.</summary>
    public static bool IsPlausible(long round, long known) => round <= known + JumpMax;

    /// <summary>The highest round that is taken to be known after a message with a round.</summary>
    public static long Known(long round, long known) => Math.Min(round, known + JumpMax);
}
