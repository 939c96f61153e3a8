using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using Xunit.Abstractions;

namespace DecentralizedLion.Integration.Tests.Intruder;

/// <summary>Tests of what somebody on the wire can read of a ring: of an insecure one everything, of a secure one
/// nothing.</summary>
public class CaptureTests(ITestOutputHelper output)
{
    const int Steps = 60;

    [CaptureTheory]
    [InlineData(true)]
    [InlineData(false)] // so that the check can fail
    public async Task A_capture_of_all_traffic_shows_plaintext_only_where_links_are_insecure(bool secure)
    {
        using var place = new TestCluster(4, $$"""{ "steps": {{Steps}} }""", secure: secure, pooled: true);
        var file = place.In("capture");
        var ports = place.Run().Roster.Peers.Select(peer => peer.Port).ToArray();
        using var capture = Process.Start(new ProcessStartInfo(Requirement.PythonProgram,
            [Path.Combine(AppContext.BaseDirectory, "Intruder", "capture.py"), $"{ports.Min()}",
                $"{ports.Max() - ports.Min() + 4}", file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("begun", await capture.StandardOutput.ReadLineAsync());
        await place.Train();
        await Task.Delay(200);
        capture.StandardInput.Close();
        var figures = (await capture.StandardOutput.ReadLineAsync())!.Split(' ')
            .Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        await capture.WaitForExitAsync();
        output.WriteLine($"{figures[0]} packets, {figures[1]} bytes, {figures[2]} dropped by the system");
        Assert.Equal(0, figures[2]);

        var bytes = await File.ReadAllBytesAsync(file);
        var started = place.Metrics("a").OfType<Started>().First();
        // Sent at the very least: each step's counts and majorities.
        Assert.InRange(bytes.LongLength, (long)(Steps * 4 * started.Parameters / 8), long.MaxValue);
        var envelopes = Occurrences(bytes, Convert.FromHexString(started.Fingerprint)[..8]);
        var greetings = Occurrences(bytes, "learningRate"u8);
        var majorities = Majorities(place, (int)started.Parameters).Count(majority => Occurrences(bytes, majority) > 0);
        output.WriteLine($"{envelopes} envelopes, {greetings} greetings and {majorities} of {Steps} majorities can be read");
        if (secure)
        {
            Assert.Equal((0, 0, 0), (envelopes, greetings, majorities));
            return;
        }
        Assert.InRange(envelopes, Steps * 4 * 6, int.MaxValue);
        Assert.InRange(greetings, 12, int.MaxValue);
        Assert.InRange(majorities, Steps * 9 / 10, Steps);
    }

    /// <summary>The first words of each step's majority, which travel as they are.</summary>
    static List<byte[]> Majorities(TestCluster place, int parameters)
    {
        using var journal = StepJournal.Open(place.FolderOf("a"), parameters, TimeProvider.System, null);
        var majorities = new List<byte[]>();
        for (var step = journal.BaseStep + 1; step <= journal.LastStep; step++)
            majorities.Add(MemoryMarshal.AsBytes<ulong>(journal.Read(step)!.Signs.AsSpan(0, 4)).ToArray());
        Assert.Equal(Steps, majorities.Count);
        return majorities;
    }

    static int Occurrences(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> wanted)
    {
        var count = 0;
        for (var at = bytes.IndexOf(wanted); at >= 0; at = bytes.IndexOf(wanted))
        {
            count++;
            bytes = bytes[(at + wanted.Length)..];
        }
        return count;
    }
}
