namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>The recovery after a kill of members of the ring.</summary>
/// <param name="HadQuorum">Those left were a quorum, and had not to wait for the killed to be started again.</param>
/// <param name="Took">From the kill until the others' next step was reported.</param>
sealed record Recovery(bool HadQuorum, TimeSpan Took);
