using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>Writes what was found, a line a check as it comes, or all of it as JSON at the end; and knows the exit
/// code.</summary>
sealed class DoctorReport(TextWriter output, bool json)
{
    const int CheckWidth = 12, StatusWidth = 7;

    readonly List<CheckResult> results = [];

    public IReadOnlyList<CheckResult> Results => results;

    /// <summary>0 when nothing failed, else 1.</summary>
    public int ExitCode => Count(CheckStatus.Failed) == 0 ? Cli.ExitCode.Done : Cli.ExitCode.Failed;

    public void Add(CheckResult result)
    {
        results.Add(result);
        if (json)
            return;
        output.WriteLine($"{result.Check.PadRight(CheckWidth)}  {Word(result.Status).PadRight(StatusWidth)}  {result.Text}");
        if (result.Advice is { } advice)
            output.WriteLine($"{new string(' ', CheckWidth + StatusWidth + 4)}→ {advice}");
        output.Flush();
    }

    /// <summary>The last line, or the whole of the JSON.</summary>
    public void Finish()
    {
        if (json)
        {
            JsonReport.Write(new
            {
                failed = Count(CheckStatus.Failed),
                warnings = Count(CheckStatus.Warning),
                checks = results.Select(result => new
                {
                    check = result.Check,
                    status = Word(result.Status).ToLowerInvariant(),
                    text = result.Text,
                    advice = result.Advice
                }),
            }, output);
            return;
        }
        var (failed, warnings) = (Count(CheckStatus.Failed), Count(CheckStatus.Warning));
        output.WriteLine(failed > 0 ? $"{failed} of {results.Count} checks failed." : warnings > 0
            ? "Nothing failed; see the warnings." : "All is well.");
    }

    int Count(CheckStatus status) => results.Count(result => result.Status == status);

    static string Word(CheckStatus status) => status switch
    {
        CheckStatus.Ok => "ok",
        CheckStatus.Warning => "warning",
        _ => "FAILED",
    };
}
