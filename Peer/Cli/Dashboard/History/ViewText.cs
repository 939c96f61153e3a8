using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The members of a view in its order, which only the texts of events have.</summary>
static partial class ViewText
{
    /// <summary>The members; null when an event is no such one.</summary>
    public static IReadOnlyList<string>? MembersOf(RunEvent happened) =>
        happened.What is "founded" or "view-changed" or "regrouped" && View().Match(happened.Text) is { Success: true } view
            ? view.Groups["members"].Value.Split(" → ") : null;

    // The second form is in files of earlier versions.
    [GeneratedRegex(@"^view [\d.]+: (?:members are (?:now )?(?<members>\S+(?: → \S+)*);"
        + @"|(?<members>\S+(?: → \S+)*) (?:take part|go on|from step))")]
    private static partial Regex View();
}
