namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>One line of a schedule.</summary>
/// <param name="When">When it is done.</param>
/// <param name="What">What is done.</param>
/// <param name="Who">To whom, all at once; nobody for <see cref="FaultAction.Wait"/> and <see cref="FaultAction.Heal"/>.</param>
sealed record ScheduleEntry(Trigger When, FaultAction What, params IReadOnlyList<string> Who)
{
    public override string ToString() => What switch
    {
        FaultAction.Wait => "wait",
        FaultAction.Heal => "heal",
        _ => $"{What.ToString().ToLowerInvariant()} {string.Join(", ", Who)}",
    };
}
