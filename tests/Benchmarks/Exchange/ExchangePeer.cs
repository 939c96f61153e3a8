using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Benchmarks.Stores;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>One peer of the measurement: random ballots, no model. Started by the benchmark itself, see
/// <see cref="Contender"/>.</summary>
static class ExchangePeer
{
    /// <summary>Arguments: the roster as JSON, our index, the number of parameters, ring or direct, our network device, our
    /// secret key as PEM (nothing where the roster is insecure).</summary>
    public static void Run(string[] arguments, TextReader input, TextWriter output)
    {
        Roster roster = Roster.Read(SettingsReader.Parse(arguments[0], "the benchmark's roster"));
        int self = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        int parameters = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var fingerprint = new Fingerprint([new("exchange", arguments[3]), new("parameters", arguments[2])]);
        var options = new RingOptions
        {
            PeerIds = [.. roster.Peers.Select(peer => peer.Id)],
            SelfIndex = self,
            Fingerprint = fingerprint,
            ParameterCount = parameters,
            Exchange = Enum.Parse<ExchangeKind>(arguments[3]),
            RatesOf = _ => new StepRates(1e-3f, 0),
            Timings = RingTimings.Default with { UseStragglerDeadline = false },
        };
        PeerKeyPair.TryRead(arguments[5], out PeerKeyPair? key, out _);
        TransportEndpoints endpoints = TransportEndpoints.Of(roster, self, key);
        key?.Dispose();
        using var ring = new Ring(endpoints, options, new NoJournal(), new OneState(), new ViewsInMemory(),
            happened => Tell(happened, self));
        // A ballot must not change until the next step is committed.
        Ballot[] ballots = [.. Enumerable.Range(0, 2).Select(number => RandomBallot(parameters, 100 * self + number))];
        ring.Start();
        long step = Compute(ring.Next(0, default));
        output.WriteLine("ready");
        output.Flush();
        StepRecord? record = null;
        while (input.ReadLine() is { } line)
        {
            var seconds = new double[int.Parse(line, CultureInfo.InvariantCulture)];
            var before = Counts.Of(ring, arguments[4]);
            for (int exchangeNumber = 0; exchangeNumber < seconds.Length; exchangeNumber++)
            {
                // From a ballot until the next one is wanted.
                long start = Stopwatch.GetTimestamp();
                ring.SubmitBallot(step, ballots[step % ballots.Length], 0, default);
                record = Apply(ring.Next(step - 1, default));
                step = Compute(ring.Next(step, default));
                seconds[exchangeNumber] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            var now = Counts.Of(ring, arguments[4]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"cpu={now.Cpu - before.Cpu} payload={now.Payload - before.Payload} all={now.All - before.All} "
                + $"wire={now.Wire - before.Wire} allocated={now.Allocated - before.Allocated} chain={record?.Digest.Short} "
                + $"seconds={string.Join(',', seconds)}"));
            output.Flush();
        }
    }

    static long Compute(TrainerTurn turn) =>
        turn is ComputeTurn(var step) ? step : throw new InvalidOperationException($"the ring wants {turn}");

    static StepRecord Apply(TrainerTurn turn) =>
        turn is ApplyTurn(var record, _) ? record : throw new InvalidOperationException($"the ring wants {turn}");

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
                long.Parse(File.ReadAllText($"/sys/class/net/{device}/statistics/tx_bytes"), CultureInfo.InvariantCulture),
                GC.GetTotalAllocatedBytes());
        }
    }
}
