using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>Reckons a plan.</summary>
static class CostModel
{
    /// <summary>A record beside its planes: its fields and frame, and for each peer that it was a member, that it voted, and its
    /// loss.</summary>
    const int RecordBytes = 90, RecordBytesOfPeer = 6;

    /// <summary>The plan that some options ask for.</summary>
    /// <exception cref="SettingsException">The file is wrong.</exception>
    /// <exception cref="UsageException">Its network cannot be made.</exception>
    public static PlanReport Of(PlanOptions options)
    {
        var (run, roster) = Read(options);
        var (parameters, tensors) = (options.Parameters, run, options.PeersFile) switch
        {
            ({ } said, _, _) => (said, 1),
            (null, { } planned, _) => ParameterCount.Of(planned),
            _ =>
                throw new UsageException($"--parameters: missing; allowed is a whole number from 1 to {int.MaxValue}, or "
                    + "--peers FILE"),
        };
        var peers = options.Count ?? roster ?? 4;
        var settings = run?.Training ?? Usual();
        settings = settings with { Keep = options.Keep ?? settings.Keep };
        var latency = options.Latency / 1000;
        var speed = options.Link / ExchangeTraffic.PacketOverhead;
        var methods = new List<MethodPlan>();
        foreach (var name in OptimizerRules.Names)
        {
            // Options of the file go with its own method only.
            var shape = OptimizerFootprint.Of(settings with
            { Method = name, MomentumSync = run?.Training.Method == name ? settings.MomentumSync : 0 }, parameters, tensors);
            var weights = WeightsOf(run, name, peers);
            var journal = Journal(shape, weights);
            var ring = ExchangeTraffic.Ring(shape.BucketsOf, peers).WithBits(WireBits.Ring(shape.BucketsOf, weights));
            var direct = ExchangeTraffic.Direct(shape.BucketsOf, peers).WithBits(WireBits.Direct(shape.BucketsOf, weights));
            var times = new ExchangeForecast(ring.Seconds(speed, latency), direct.Seconds(speed, latency));
            // A ring begins by the ring, measures, and changes when that is clearly worth it.
            var isDirect = peers > 2 && times.Favours(ExchangeKind.Ring, ExchangeForecast.ClearGain,
                times.Ring + (options.Gradient ?? 0));
            var chosen = isDirect ? "direct" : "ring";
            methods.Add(new MethodPlan(name, Plan("ring", ring, times.Ring), Plan("direct", direct, times.Direct), journal,
                shape.ReplicatedStateBytes, shape.LocalStateBytes, times.Ring / times.Direct,
                direct.ShareNeeded(times.Ring, speed, latency), chosen));

            ExchangePlan Plan(string exchange, ExchangeTraffic traffic, double seconds)
            {
                var step = seconds + (options.Gradient ?? 0);
                var way = run?.Training.Exchange == "auto" ? chosen : run?.Training.Exchange;
                return new ExchangePlan(exchange, run?.Training.Method == name && way == exchange, traffic.Bits / parameters,
                    traffic.Bytes, seconds, options.Gradient is null ? null : seconds / step, 3600 / step, journal * 3600 / step);
            }
        }
        return new PlanReport(parameters, peers, options.Link, latency, options.Gradient, settings.Keep, methods,
            Assumptions(options, peers));
    }

    /// <summary>The file and how many peers it has. That of a program which trains with the library says nothing about the
    /// training: its peers are counted.</summary>
    static (RunConfig? Run, int? Peers) Read(PlanOptions options)
    {
        if (options.PeersFile is not { } file)
            return (null, null);
        var root = SettingsReader.Open(file);
        if (!root.Has("model"))
            return (null, options.Parameters is not null ? RingConfig.Read(root, file).Roster.Count
                : throw new UsageException($"--parameters: missing, and {file} has no model, as for a program of one's own; "
                    + $"allowed is a whole number from 1 to {int.MaxValue}"));
        // Where the data lies does not matter here, and may not be known.
        var run = RunConfig.Read(root, file, ".");
        return (run, run.Roster.Count);
    }

    /// <summary>Bytes of a step's record.</summary>
    static double Journal(OptimizerFootprint shape, int[] weights) => RecordBytes + (RecordBytesOfPeer * (double)weights.Length)
        + shape.BucketsOf.Sum(bucket => 8.0 * bucket.Words * bucket.Reduction.AggregatePlanes(weights.Sum()));

    /// <summary>The weights of the ballots of the file's own peers and method; of others all are 1.</summary>
    static int[] WeightsOf(RunConfig? run, string method, int peers)
    {
        var batches = run is not null && run.Training.Method == method && run.Roster.Count == peers
            ? run.BatchSize.Own : [];
        int[] members = [.. Enumerable.Range(0, peers)];
        var weights = BallotWeights.Of(members, batches);
        return [.. members.Select(member => weights[member])];
    }

    static TrainingSettings Usual() =>
        TrainingSettings.Read(SettingsReader.Parse("""{ "run": "plan", "steps": 1, "learningRate": 0.001 }""", "plan"));

    static IReadOnlyList<string> Assumptions(PlanOptions options, int peers)
    {
        List<string> said =
        [
            "All peers vote, and no sign is exactly zero. dgc is past its warm-up.",
            $"Bits are the formula's; bytes include {ExchangeTraffic.Envelope} bytes a frame and one a voter, 32 at most. Times "
                + Format.Text($"include {100 * (ExchangeTraffic.PacketOverhead - 1):0.0} % for TCP, IP and Ethernet."),
            "Each link carries the full speed in both directions at once, to any peer, and nothing else; counting takes no time.",
            "Ring: the next of H hops begins max(c, L + c/S) after one that takes c = bits/speed, in S segments; H = 2(N−1), or "
                + "N−1 for graddrop and dgc.",
            "Direct: bytes/speed + 2 latencies (1 for graddrop and dgc), less what segments hide of them.",
            options.Gradient is null
                ? "No --gradient: steps an hour are as if gradients took no time; the journal grows no faster than that."
                : "A step is a gradient, then its exchange; \"delay\" in peers.json hides the exchange behind the next gradient "
                + "as far as it is shorter.",
            "\"exchange\": \"auto\" starts with the ring, measures, and changes to the other exchange when that is "
                + Format.Text($"{ExchangeForecast.ClearGain:0.0} times as fast and saves ")
                + Format.Text($"{100 * ExchangeForecast.StepShareMin:0} % of a step."),
            "The journal keeps the records of two checkpoint intervals.",
        ];
        if (peers > Roster.MaxPeers)
            said.Add($"A roster has at most {Roster.MaxPeers} peers: {peers} is arithmetic, no ring that this program can run.");
        return said;
    }
}
