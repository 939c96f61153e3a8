namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>The result of a run that was found to be right.</summary>
/// <param name="Steps">Its steps.</param>
/// <param name="Views">Views that had steps in them.</param>
/// <param name="Kills">Processes killed.</param>
/// <param name="Recoveries">What came after those that were members.</param>
sealed record RunOutcome(long Steps, int Views, int Kills, IReadOnlyList<Recovery> Recoveries);
