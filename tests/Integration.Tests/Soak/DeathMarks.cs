namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>The moments of one kill, in seconds since the run began; null for one that was not seen.</summary>
/// <param name="Killed">SIGKILL was sent.</param>
/// <param name="Suspected">Another peer suspected it, or began to change the view.</param>
/// <param name="WithoutIt">The others' next step in a view without the killed process.</param>
/// <param name="Up">Its new process was first heard of by the ring.</param>
/// <param name="TakingIn">The others began to change the view to take it in.</param>
/// <param name="Back">The first step in a view of all peers.</param>
/// <param name="Voting">The first of these steps with all peers' ballots.</param>
readonly record struct DeathMarks(double Killed, double? Suspected, double? WithoutIt, double? Up, double? TakingIn,
    double? Back, double? Voting);
