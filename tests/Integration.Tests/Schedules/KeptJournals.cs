using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>
/// Every journal file that any peer had, kept by a link of its own: a peer that fetches another's checkpoint begins a new one,
/// and one that loses its disk loses its journal with it.
/// </summary>
sealed partial class KeptJournals(TestCluster place)
{
    readonly Lock gate = new();

    /// <summary>Keeps what a peer's journal has now; a file grows by both its names.</summary>
    public void Keep(string peer)
    {
        lock (gate)
        {
            if (!Directory.Exists(place.FolderOf(peer)))
                return;
            foreach (var file in new DirectoryInfo(place.FolderOf(peer)).EnumerateFiles("journal-*.log"))
            {
                // Files of one name that were made at different times are different files.
                var folder = place.In("kept", peer, file.CreationTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture));
                var kept = Path.Combine(folder, file.Name);
                if (File.Exists(kept))
                    continue;
                Directory.CreateDirectory(folder);
                // It may be gone by now: what it had is in the journal of whoever it fetched from.
                if (Link(file.FullName, kept) != 0 && file.Exists)
                    throw new IOException($"{file.FullName} cannot be linked (errno {Marshal.GetLastPInvokeError()})");
            }
        }
    }

    /// <summary>Opens all that were kept.</summary>
    public List<StepJournal> Open(int parameters) => [.. place.Names.SelectMany(peer => Directory.Exists(place.In("kept", peer))
        ? Directory.EnumerateDirectories(place.In("kept", peer)) : [])
        .Select(folder => StepJournal.Open(folder, parameters, TimeProvider.System, null))];

    /// <summary>The records that lead to a step, from the first on.</summary>
    /// <param name="journals">All there are; those of later steps need not be on the chain.</param>
    /// <param name="step">The step.</param>
    /// <param name="chain">The chain's digest after it.</param>
    public static IEnumerable<StepRecord> LeadingTo(IReadOnlyList<StepJournal> journals, long step, Digest chain)
    {
        var parts = new Stack<(StepJournal Journal, long First, long Last)>();
        while (step > 0)
        {
            var part = journals.Where(j => j.BaseStep < step && step <= j.LastStep && j.DigestAfter(step) == chain)
                .MinBy(j => j.BaseStep);
            Assert.True(part is not null, $"no journal leads to step {step} with chain {chain}");
            parts.Push((part, part.BaseStep, step));
            (step, chain) = (part.BaseStep, part.DigestAfter(part.BaseStep));
        }
        foreach (var (journal, first, last) in parts)
            for (var at = first + 1; at <= last; at++)
                yield return journal.Read(at) ?? throw new Xunit.Sdk.XunitException($"step {at} cannot be read");
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string existing, string made);
}
