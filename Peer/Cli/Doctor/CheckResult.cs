namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>One line of the report.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it came out.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
sealed record CheckResult(string Check, CheckStatus Status, string Text, string? Advice = null)
{
    public static CheckResult Ok(string check, string text) => new(check, CheckStatus.Ok, text);

    public static CheckResult Warning(string check, string text, string? advice = null) =>
        new(check, CheckStatus.Warning, text, advice);

    public static CheckResult Failed(string check, string text, string? advice = null) =>
        new(check, CheckStatus.Failed, text, advice);
}
