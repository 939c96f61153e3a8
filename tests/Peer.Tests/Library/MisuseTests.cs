using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Faults in one peer's program: each is a clear error there, and the other peers go on to the end.</summary>
public sealed class MisuseTests
{
    const int Steps = 12, Wrong = 4;

    static LearningRate Rate => LearningRate.Cosine(0.01, warmup: 0, steps: Steps);

    /// <summary>The wrong program's part: what it does in its fourth step.</summary>
    delegate void Misuse(RingClient ring, DistributedOptimizer optimizer, DistributedSampler sampler, Sequential network);

    [Fact]
    public async Task An_exception_in_the_loop_ends_that_peer_alone()
    {
        var error = await OneGoesWrong<InvalidDataException>((_, _, _, _) => throw new InvalidDataException("a bad sample"));
        Assert.Equal("a bad sample", error!.Message);
    }

    [Fact]
    public async Task A_break_ends_that_peer_alone() => Assert.Null(await OneGoesWrong<InvalidDataException>(null));

    [Fact]
    public async Task A_forgotten_step_is_told_when_the_next_samples_are_asked_for()
    {
        var error = await OneGoesWrong<InvalidOperationException>((_, _, sampler, _) =>
        {
            sampler.Next();
            sampler.Next();
        });
        Assert.Equal("Next() was called 2 times for one gradient, which has 1 mini-batches (Accumulate is 1); call "
            + "step() first", error!.Message);
    }

    [Fact]
    public async Task A_ring_has_one_optimizer()
    {
        var error = await OneGoesWrong<InvalidOperationException>((ring, _, _, _) =>
        {
            using var other = nn.Linear(2, 2);
            using var second = new DistributedLion(other.named_parameters(), ring, Rate);
        });
        Assert.StartsWith("the ring has an optimizer already", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sampler_comes_before_the_first_step()
    {
        var error = await OneGoesWrong<InvalidOperationException>((ring, _, _, _) => _ = new DistributedSampler(10, ring, 2));
        Assert.StartsWith("the ring has a sampler already", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_threads_at_once_are_refused_and_the_first_one_finishes()
    {
        using var ring = new LocalRing(2);
        using var entered = new ManualResetEventSlim();
        using var refused = new ManualResetEventSlim();
        var errors = await ring.Run(id => Train(ring, id, id != "a" ? null : (_, optimizer, _, _) =>
        {
            Exception? error = null;
            var second = new Thread(() =>
            {
                entered.Wait();
                error = Record.Exception(() => optimizer.step());
                refused.Set();
            });
            second.Start();
            optimizer.step(() =>
            {
                entered.Set();
                refused.Wait();
                return ones(1);
            });
            second.Join();
            throw error!;
        }));
        var told = Assert.IsType<InvalidOperationException>(errors[0]);
        Assert.StartsWith("step was called while another thread is in step()", told.Message, StringComparison.Ordinal);
        Assert.Null(errors[1]);
    }

    [Fact]
    public async Task Another_thread_may_go_on_with_the_loop()
    {
        using var ring = new LocalRing(2);
        var errors = await ring.Run(id => Train(ring, id, (_, optimizer, _, _) =>
        {
            var thread = new Thread(() => optimizer.step());
            thread.Start();
            thread.Join();
        }));
        Assert.All(errors, Assert.Null);
    }

    [Fact]
    public async Task A_ring_that_was_closed_is_named()
    {
        using var ring = new LocalRing(2);
        var errors = await ring.Run(async id =>
        {
            var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, Rate);
            await client.DisposeAsync();
            await client.DisposeAsync();
            return Record.Exception(() => optimizer.step());
        });
        Assert.All(errors, error => Assert.Contains("has left the ring", Assert.IsType<ObjectDisposedException>(error).Message,
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_step_after_the_last_one_is_refused_and_no_loop_runs_empty()
    {
        using var ring = new LocalRing(2);
        var errors = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, LearningRate.Constant(0.01, steps: 2));
            optimizer.step();
            optimizer.step();
            Assert.True(client.HasEnded);
            return Record.Exception(() => optimizer.step());
        });
        Assert.All(errors, error => Assert.Contains("has left the ring, or the run is over",
            Assert.IsType<InvalidOperationException>(error).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ring_is_not_closed_under_a_thread_that_steps()
    {
        using var ring = new LocalRing(2);
        var errors = await ring.Run(id => Train(ring, id, id != "a" ? null : (client, optimizer, _, _) =>
        {
            Exception? error = null;
            optimizer.step(() =>
            {
                var other = new Thread(() => error = Record.Exception(() => client.DisposeAsync().AsTask().Wait()));
                other.Start();
                other.Join();
                return ones(1);
            });
            throw error!;
        }));
        Assert.Contains("DisposeAsync was called while another thread is in step()", errors[0]!.ToString(),
            StringComparison.Ordinal);
        Assert.Null(errors[1]);
    }

    [Fact]
    public async Task A_scheduler_with_a_state_of_its_own_is_refused_with_the_reason()
    {
        var error = await OneGoesWrong<InvalidOperationException>((_, optimizer, _, _) =>
        {
            var scheduler = optim.lr_scheduler.StepLR(optimizer, step_size: 1, gamma: 0.5);
            scheduler.step();
            optimizer.step();
        });
        Assert.Contains("from outside, as by a scheduler", error!.Message, StringComparison.Ordinal);
        Assert.Contains("must be a function of the step alone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_within_a_step_is_refused()
    {
        var error = await OneGoesWrong<InvalidOperationException>((_, optimizer, _, _) =>
        {
            optimizer.StepApplied += _ => optimizer.step();
            optimizer.step();
        });
        Assert.Contains("asked for from StepApplied", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gradients_that_are_never_finite_end_that_peer_alone()
    {
        var error = await OneGoesWrong<NonFiniteGradientException>((_, optimizer, _, network) =>
        {
            for (; ; )
            {
                optimizer.zero_grad();
                foreach (var parameter in network.parameters())
                    parameter.grad!.fill_(float.NaN);
                optimizer.step();
            }
        }, "\"nonFiniteLimit\": 3");
        Assert.Contains("was not finite 3 steps in a row (nonFiniteLimit)", error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method", "method: found \"lion\"; allowed are mavo, avg, g-lion")]
    [InlineData("keep", "keep: found 0.5 with method mavo; allowed with it are graddrop, dgc")]
    [InlineData("beta2", "beta2: found 1; allowed is 0 to 1")]
    [InlineData("weight_decay", "weight_decay: found -1; allowed is 0 to 1000")]
    [InlineData("lr", "lr: found 0; allowed is more than 0 and at most 1")]
    [InlineData("warmup", "warmup: found 20; allowed is 0 to steps, which is 10")]
    [InlineData("batch_size", "batch_size: found 0; allowed is 1 and more")]
    public async Task A_value_out_of_line_is_named(string field, string message)
    {
        using var ring = new LocalRing(2);
        await using var client = await ring.Join("a");
        using var network = Lines.NewNetwork();
        var error = Assert.Throws<ArgumentException>(() =>
        {
            var rate = field switch
            {
                "lr" => LearningRate.Constant(0),
                "warmup" => LearningRate.Cosine(0.1, warmup: 20, steps: 10),
                _ => Rate,
            };
            var options = new MethodOptions
            {
                Method = field == "method" ? "lion" : "mavo",
                Keep = field == "keep" ? 0.5 : null,
                Beta2 = field == "beta2" ? 1 : null,
            };
            using var optimizer = new DistributedOptimizer(network.named_parameters(), client, rate,
                field == "weight_decay" ? -1 : 0.1, options);
            _ = new DistributedSampler(10, client, field == "batch_size" ? 0 : 1);
        });
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_peer_and_an_unknown_field_are_named()
    {
        using var ring = new LocalRing(2, "\"learningRate\": 0.1");
        var field = await Assert.ThrowsAnyAsync<Exception>(() => ring.Join("a"));
        Assert.Contains("learningRate: unknown field", field.Message, StringComparison.Ordinal);
        var peer = await Assert.ThrowsAnyAsync<Exception>(
            () => ring.Join("z", new PeerOptions { OwnFields = ["learningRate"] }));
        Assert.Contains("there is no peer \"z\"; allowed is one of a, b", peer.Message, StringComparison.Ordinal);
    }

    /// <summary>Of three peers the second goes wrong in its fourth step; the others must come to the end with equal
    /// digests.</summary>
    static async Task<T?> OneGoesWrong<T>(Misuse? misuse, string fields = "")
        where T : Exception
    {
        using var ring = new LocalRing(3, fields);
        var digests = new string[3];
        var errors = await ring.Run(id => id == "b" ? Train(ring, id, misuse ?? ((_, _, _, _) => { }), stops: misuse is null)
            : Train(ring, id, null, end: digest => digests[id[0] - 'a'] = digest));
        Assert.Null(errors[0]);
        Assert.Null(errors[2]);
        Assert.NotNull(digests[0]);
        Assert.Equal(digests[0], digests[2]);
        return errors[1] is { } error ? Assert.IsType<T>(error) : null;
    }

    /// <summary>A peer's program.</summary>
    /// <returns>The exception that ended it.</returns>
    static async Task<Exception?> Train(LocalRing ring, string id, Misuse? misuse, bool stops = false, Action<string>? end = null)
    {
        try
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, Rate);
            var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4);
            while (optimizer.CurrentStep < Steps)
            {
                using var scope = NewDisposeScope();
                if (optimizer.CurrentStep >= Wrong && stops)
                    break;
                if (optimizer.CurrentStep == Wrong && misuse is not null)
                {
                    misuse(client, optimizer, sampler, network);
                    continue;
                }
                optimizer.zero_grad();
                var (inputs, targets) = Lines.Read(sampler.Next());
                var loss = nn.functional.cross_entropy(network.call(inputs), targets);
                loss.backward();
                optimizer.step(loss);
            }
            end?.Invoke(optimizer.Digest);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
