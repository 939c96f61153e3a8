using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Benchmarks.Machinery;

/// <summary>The costs of the machinery's parts alone, by the product's own code with the real sizes. Seconds.</summary>
static class PartCosts
{
    const int Times = 300, Frames = 20_000, Burst = 20;

    /// <summary>A record of so many parameters that follows from the one before it.</summary>
    public static double Chain(int parameters)
    {
        StepRecord record = Record(parameters, 1);
        return Median(Times, () => record.WithDigestAfter(record.Digest));
    }

    /// <summary>The digest of a 64th of the weights.</summary>
    public static double Slice(int parameters)
    {
        var slice = new float[parameters / 64];
        return Median(Times, () => Digest.Of(MemoryMarshal.AsBytes(slice.AsSpan())));
    }

    /// <summary>A record's way into the journal's file, which is synced every second meanwhile.</summary>
    public static double Append(int parameters, string folder)
    {
        using StepJournal journal = StepJournal.Open(folder, parameters, TimeProvider.System, null);
        StepRecord[] records = [.. Enumerable.Range(1, Times).Select(step => Record(parameters, step))];
        int next = 0;
        return Median(Times, () => journal.Append(records[next++]));
    }

    /// <summary>A held frame from one process's socket thread to another's: all the CPU time it takes at both ends, checksums
    /// included.</summary>
    public static double Frame()
    {
        int port = Hosts.FreePorts(2, group: 0);
        var roster = Roster.Read(SettingsReader.Parse(string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "insecure": true,
              "peers": [
                { "id": "a", "address": "127.0.0.1", "port": {{port}} },
                { "id": "b", "address": "127.0.0.1", "port": {{port + 1}} }
              ]
            }
            """), "the benchmark's roster"));
        using var from = new ZeroMqTransport(0, TransportEndpoints.Of(roster, 0, null), new LinkLimits(StepAck.Length));
        using var to = new ZeroMqTransport(1, TransportEndpoints.Of(roster, 1, null), new LinkLimits(StepAck.Length));
        using var arrived = new SemaphoreSlim(0);
        from.Handler = (_, _, _) => { };
        to.Handler = (_, envelope, payload) =>
        {
            if (FrameHeader.TryRead(envelope, out FrameHeader header, out FrameError _)
                && header.Checksum(payload.Span) == header.Crc)
                arrived.Release();
        };
        from.Start();
        to.Start();
        while (!Sent(1) || !arrived.Wait(TimeSpan.FromMilliseconds(100)))
        {
            // Until the connection stands.
        }
        double before = CpuSeconds();
        long first = from.Counters.FramesSent, sent = first;
        while (sent - first < Frames)
        {
            Sent(Burst);
            for (; sent < from.Counters.FramesSent; sent++) // a full socket takes fewer
                arrived.Wait();
        }
        return (CpuSeconds() - before) / (sent - first);

        bool Sent(int count) => from.InvokeAsync(() =>
        {
            var payload = new byte[StepAck.Length];
            var header = new FrameHeader(FrameKind.StepAck, 1, 1, 1, 1, 0, 0, 0, 0, 0, default, 0);
            header = header with { Crc = header.Checksum(payload) };
            for (int one = 0; one < count; one++)
                from.Send(1, LinkChannel.Control, header, payload);
            return Task.FromResult(true);
        }).GetAwaiter().GetResult();
    }

    static StepRecord Record(int parameters, long step) =>
        new StepRecord(step, 1, 1, PeerSet.Of(0, 1, 2, 3), PeerSet.Of(0, 1, 2, 3), new uint[4], 0, 0,
        [new Aggregate(new ulong[BitPlanes.Words(parameters)], null)], default).WithDigestAfter(default);

    static double Median(int times, Action action)
    {
        var seconds = new double[times];
        for (int time = 0; time < times; time++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            seconds[time] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return Round.Quantile(seconds, 0.5);
    }

    static double CpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }
}
