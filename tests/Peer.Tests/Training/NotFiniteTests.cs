using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Membership;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Two training loops over a real ring in one process; one peer's data have gaps.</summary>
public class NotFiniteTests
{
    const int Batch = 4;

    /// <summary>Images of noise; what is read for some steps of one peer is no number.</summary>
    sealed class Gaps(params long[] steps) : IDataPart
    {
        public long Count => 64;

        public Batch Read(ReadOnlySpan<long> samples) => throw new NotSupportedException("training reads by position");

        public Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
        {
            var images = new float[samples.Length * 16];
            for (var i = 0; i < images.Length; i++)
                images[i] = MathF.Sin(samples[i / 16] * 16 + i % 16);
            if (steps.Contains(positions[0] / (2 * Batch) + 1))
                images[3] = float.NaN;
            return new Batch
            {
                InputShape = [samples.Length, 1, 4, 4],
                Images = images,
                Targets = [.. samples.ToArray().Select(s => s % 2)],
            };
        }
    }

    /// <summary>What came of one peer.</summary>
    sealed class Result
    {
        public List<Stepped> Steps { get; } = [];
        public List<string> Notes { get; } = [];
        public List<float[]> Momenta { get; } = [];
        public float[] Weights { get; set; } = [];
        public string? Failure { get; set; }
    }

    static async Task<Result[]> Train(params IDataPart[] data)
    {
        var port = FreePorts();
        var run = RunFile.Read(SettingsReader.Parse($$"""
            {
              "run": "r", "steps": 8, "batch": {{Batch}}, "learningRate": 0.01, "nonFiniteLimit": 3, "insecure": true,
              "model": {"kind": "mlp", "width": 8, "depth": 1}, "data": {"kind": "glyphs"},
              "peers": [{"id": "a", "address": "127.0.0.1", "port": {{port}}}, {"id": "b", "address": "127.0.0.1", "port": {{port + 2}}}]
            }
            """, "peers.json"), "/tmp/peers.json", null);
        return await Task.WhenAll(data.Select((part, self) => Task.Factory.StartNew(
            () => TrainOne(run, self, part), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)))
            .WaitAsync(TimeSpan.FromSeconds(60));
    }

    static Result TrainOne(RunFile run, int self, IDataPart data)
    {
        var result = new Result();
        using var model = new FlatModel(Networks.Create(run.Model, [1, 4, 4], 2), torch.device("cpu"));
        var replica = new Replica(model);
        var momentum = new float[model.Count];
        using var ring = new Ring(run.Roster, self, run.Fingerprint(1, model.Count, [1]), model.Count, ExchangeKind.Ring,
            Codecs.TieRule.Previous, replica, null, _ => { });
        ring.Join();
        var loop = new TrainingLoop(run.Training, self, model, data, replica, momentum, ring, [new(0, Batch), new(Batch, Batch)], happened =>
        {
            if (happened is Stepped stepped)
                result.Steps.Add(stepped);
            else if (happened is Noted noted)
                result.Notes.Add(noted.Text);
        });
        try
        {
            for (var step = 1; step <= run.Training.Steps && loop.Step(step); step++)
                result.Momenta.Add([.. momentum]);
        }
        catch (TrainingException e)
        {
            result.Failure = e.Message;
        }
        ring.Leave();
        result.Weights = model.Weights.ToArray();
        return result;
    }

    [Fact]
    public async Task A_gap_casts_no_ballot_and_leaves_the_momentum_alone()
    {
        var results = await Train(new Gaps(), new Gaps(3, 4, 6));
        var (a, b) = (results[0], results[1]);
        Assert.Null(a.Failure);
        Assert.Null(b.Failure);
        Assert.Equal([2, 2, 1, 1, 2, 1, 2, 2], a.Steps.Select(s => s.Voters));
        Assert.Equal(b.Steps.Select(s => s.Digest), a.Steps.Select(s => s.Digest));
        Assert.All(a.Steps, s => Assert.True(s.Loss is > 0 and < 10, $"{s.Loss}"));
        Assert.Equal(b.Momenta[1], b.Momenta[2]);
        Assert.Equal(b.Momenta[1], b.Momenta[3]);
        Assert.NotEqual(b.Momenta[3], b.Momenta[4]);
        Assert.Equal(a.Weights, b.Weights);
        Assert.DoesNotContain(b.Weights, float.IsNaN);
        // A finite step in between begins the count anew: three in all, never three in a row.
        Assert.Equal(["step 3", "step 4", "step 6"], b.Notes.Select(n => n[..6]));
        Assert.Equal(["(1 in", "(2 in", "(1 in"], b.Notes.Select(n => n.Substring(n.IndexOf('('), 5)));
        Assert.Empty(a.Notes);
    }

    [Fact]
    public async Task Too_many_gaps_in_a_row_end_the_run_in_order()
    {
        var results = await Train(new Gaps(), new Gaps(3, 4, 5, 6, 7, 8));
        Assert.Contains("step 5: the loss or gradient was not finite 3 steps in a row (nonFiniteLimit)", results[1].Failure);
        Assert.Null(results[0].Failure);
        Assert.Equal([2, 2, 1, 1], results[0].Steps.Select(s => s.Voters));
        Assert.Equal(results[0].Weights, results[1].Weights);
    }

    static int FreePorts()
    {
        for (var port = 21_000 + Environment.ProcessId % 5_000; ; port += 4)
            if (Enumerable.Range(port, 4).All(IsFree))
                return port;
    }

    static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
