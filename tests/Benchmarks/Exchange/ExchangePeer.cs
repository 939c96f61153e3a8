using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>One peer of the measurement: random ballots, no model. Started by the benchmark itself, see <see cref="Contender"/>.</summary>
static class ExchangePeer
{
    /// <summary>Arguments: the roster as JSON, our index, the number of parameters, ring or direct, our network device.</summary>
    public static void Run(string[] arguments, TextReader input, TextWriter output)
    {
        Roster roster = Roster.Read(SettingsReader.Parse(arguments[0], "the benchmark's roster"));
        int self = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        int parameters = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var exchange = Enum.Parse<ExchangeKind>(arguments[3]);
        var fingerprint = new Fingerprint([new("exchange", arguments[3]), new("parameters", arguments[2])]);
        using var ring = new Ring(roster, self, fingerprint, parameters, exchange, TieRule.Previous, new NoState(parameters),
            null, happened => Tell(happened, self));
        // Three in turn: a ballot must not change until the next step is committed.
        Ballot[] ballots = [.. Enumerable.Range(0, 3).Select(number => RandomBallot(parameters, 100 * self + number))];
        long step = ring.Join().FirstStep;
        output.WriteLine("ready");
        output.Flush();
        StepRecord? record = null;
        while (input.ReadLine() is { } line)
        {
            var seconds = new double[int.Parse(line, CultureInfo.InvariantCulture)];
            var before = Counts.Of(ring, arguments[4]);
            for (int exchangeNumber = 0; exchangeNumber < seconds.Length; exchangeNumber++, step++)
            {
                long start = Stopwatch.GetTimestamp();
                record = ring.Vote(new StepVote(step, ballots[step % ballots.Length], 0, 1e-3f, 0, default));
                seconds[exchangeNumber] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            var now = Counts.Of(ring, arguments[4]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"cpu={now.Cpu - before.Cpu} payload={now.Payload - before.Payload} all={now.All - before.All} "
                + $"wire={now.Wire - before.Wire} allocated={now.Allocated - before.Allocated} chain={record?.Digest.Short} seconds={string.Join(',', seconds)}"));
            output.Flush();
        }
        ring.Leave();
    }

    static void Tell(RingEvent happened, int self)
    {
        if (happened.Kind is RingEventKind.Waiting or RingEventKind.Refused)
            Console.Error.WriteLine($"peer {self}: {happened.Text}");
    }

    static Ballot RandomBallot(int parameters, int seed)
    {
        var ballot = new Ballot(parameters);
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(ballot.Signs));
        ballot.Signs[^1] &= BitPlanes.TailMask(parameters);
        return ballot;
    }

    readonly record struct Counts(double Cpu, long Payload, long All, long Wire, long Allocated)
    {
        public static Counts Of(Ring ring, string device)
        {
            using var process = Process.GetCurrentProcess();
            return new Counts(process.TotalProcessorTime.TotalSeconds, ring.Counters.PayloadSent, ring.Counters.BytesSent,
                long.Parse(File.ReadAllText($"/sys/class/net/{device}/statistics/tx_bytes"), CultureInfo.InvariantCulture), GC.GetTotalAllocatedBytes());
        }
    }

    /// <summary>All peers begin equal, with nothing.</summary>
    sealed class NoState(int parameters) : IReplicaState
    {
        public long Step => 0;

        public ChainDigest Chain => default;

        public ChainDigest Digest { get; } = ChainDigest.Of([]);

        public long Length => 0;

        public ulong[] Previous { get; } = new ulong[BitPlanes.Words(parameters)];

        public void Read(long offset, Span<byte> destination) => throw new InvalidOperationException("there is no state to read");

        public void Write(long offset, ReadOnlySpan<byte> source) => throw new InvalidOperationException("there is no state to write");

        public void Joined(long step, ChainDigest chain, bool fetched)
        {
            // There is nothing to remember.
        }
    }
}
