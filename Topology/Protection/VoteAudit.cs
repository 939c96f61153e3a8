using System.Globalization;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Protection;

/// <summary>
/// Adds up what spot checks find, and reports when a member does not look honest. Warnings only: an honest peer with data of its
/// own kind may often be outvoted, and of a changed sum it is known only which peers may have changed it.
/// </summary>
sealed class VoteAudit(IReadOnlyList<string> names, TimeProvider clock)
{
    // So many parameters are some hundred steps of a small model. A coin agrees with the majority more than half of the time,
    // since it votes, too.
    const int SampleMin = 20_000;

    const double AgreementMin = 0.4, AgreementGapMax = 0.2;

    static readonly TimeSpan every = TimeSpan.FromMinutes(10);

    readonly (long Theirs, long Ours, long Of)[] sums = new (long, long, long)[names.Count];
    readonly ReportLimiter[] opinions = [.. names.Select(_ => new ReportLimiter(clock, every, 1))];
    readonly ReportLimiter contradictions = new(clock, every, 3);

    /// <summary>Takes a committed step's checks.</summary>
    /// <returns>What the operator should hear, and of whom; −1: of several.</returns>
    public IEnumerable<(int Peer, string Text)> Record(long step, SpotChecks found)
    {
        foreach (SpotChecks.Agreement seen in found.Agreements)
        {
            (long theirs, long ours, long of) = sums[seen.Member];
            sums[seen.Member] = (theirs, ours, of) = (theirs + seen.Theirs, ours + seen.Ours, of + seen.Of);
            if (of < SampleMin)
                continue;
            sums[seen.Member] = default;
            double rate = (double)theirs / of, own = (double)ours / of;
            if (rate < AgreementMin && rate < own - AgreementGapMax && opinions[seen.Member].TryAcquire(out string again))
            {
                yield return (seen.Member, string.Create(CultureInfo.InvariantCulture,
                    $"{names[seen.Member]}'s ballots agree with the majority in {100 * rate:F0} % of {of:N0} "
                    + $"checked parameters, this peer's in {100 * own:F0} %. The ring does nothing about it: compare "
                    + $"{names[seen.Member]}'s data, device and program with the others'{again}"));
            }
        }
        if (found.Contradictions > 0 && contradictions.TryAcquire(out string since))
        {
            int[] suspects = [.. found.Suspects];
            yield return (suspects.Length == 1 ? suspects[0] : -1,
                $"step {step}: spot checks found impossible results for {found.Contradictions} "
                + $"parameter{(found.Contradictions == 1 ? "" : "s")}: "
                + $"{string.Join(" or ", suspects.Select(peer => names[peer]))} changed the sum that this peer passed on. "
                + $"Check {(suspects.Length == 1 ? "its host" : "their hosts")}; to exclude a peer, stop it{since}");
        }
    }
}
