using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The members of a view in its order, which only the words of the events that tell of it have.</summary>
static partial class ViewText
{
    /// <summary>The members; null when an event is no such one.</summary>
    public static IReadOnlyList<string>? MembersOf(RunEvent happened) =>
        happened.What is "founded" or "view-changed" or "regrouped" && View().Match(happened.Text) is { Success: true } view
            ? view.Groups[1].Value.Split(" → ") : null;

    [GeneratedRegex(@"^view [\d.]+: (\S+(?: → \S+)*) (?:take part|go on|from step)")]
    private static partial Regex View();
}
