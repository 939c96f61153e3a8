using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion;

/// <summary>
/// Says which samples are this peer's in each step, so that the peers together read each sample once an epoch, in an order drawn
/// anew for each, whoever comes and goes. Its state is part of the checkpoints. Make it after the optimizer and before the first
/// step.
/// </summary>
public sealed class DistributedSampler
{
    readonly RingClient ring;
    readonly SamplerOptions options;
    readonly ShuffledOrder order;
    long[] positions = [];
    long step;
    int taken, gradients;

    /// <summary>Makes the sampler of a ring.</summary>
    /// <param name="count">The samples of the training part.</param>
    /// <param name="ring">The ring; it has one sampler.</param>
    /// <param name="batch_size">Samples of this peer in a mini-batch; of no effect with
    /// <see cref="SamplerOptions.GlobalBatch"/>, and where peers.json has a <c>batch</c> of the peer's own. With <c>"batch":
    /// "auto"</c> there, the samples of all peers together are shared out by their speeds: GlobalBatch, or this for each.</param>
    /// <param name="seed">Decides the order.</param>
    /// <param name="options">More options.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The ring has a sampler, or no optimizer yet, or training has
    /// begun.</exception>
    public DistributedSampler(long count, RingClient ring, int batch_size, ulong seed = 1, SamplerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ring);
        this.options = options ?? new SamplerOptions();
        AtLeastOne(count, nameof(count));
        AtLeastOne(batch_size, nameof(batch_size));
        AtLeastOne(this.options.Accumulate, nameof(this.options.Accumulate));
        AtLeastOne(this.options.GlobalBatch ?? 1, nameof(this.options.GlobalBatch));
        AtLeastOne(this.options.OwnCount ?? 1, nameof(this.options.OwnCount));
        if (this.options.GlobalBatch is { } sum && ring.BatchesOf(batch_size).Count > 0)
            throw new ArgumentException($"GlobalBatch: found {sum} together with a batch of a peer's own in peers.json; allowed "
                + "is one of the two");
        this.ring = ring;
        order = new ShuffledOrder(seed, this.options.OwnCount ?? count);
        var shared = ring.IsBatchShared ? this.options.GlobalBatch ?? checked(batch_size * ring.PeerIds.Count) : (int?)null;
        ring.Attach(new SamplerSettings(count, seed,
            new BatchSize(batch_size, shared ?? this.options.GlobalBatch, this.options.Accumulate * ring.LocalSteps)
            {
                Own = ring.BatchesOf(batch_size),
            },
            this.options.Partition)
        {
            SharedBatch = shared,
        });
    }

    /// <summary>The positions in the run of the samples that <see cref="Next"/> gave last; a sample has another one in each
    /// epoch.</summary>
    public ReadOnlySpan<long> Positions => positions;

    /// <summary>The mini-batches of the present gradient: <see cref="SamplerOptions.Accumulate"/>, or fewer where this peer has
    /// fewer samples.</summary>
    public int MiniBatches
    {
        get
        {
            using var turn = ring.Enter(nameof(MiniBatches));
            return Math.Min(options.Accumulate, Share().Length);
        }
    }

    /// <summary>The samples of the next mini-batch, each from 0 to the count − 1.</summary>
    /// <exception cref="InvalidOperationException">The run is over, or all mini-batches of the step were taken.</exception>
    public long[] Next()
    {
        using var turn = ring.Enter(nameof(Next));
        var share = Share();
        var parts = Math.Min(options.Accumulate, share.Length);
        if (taken == parts)
            throw new InvalidOperationException($"Next() was called {taken + 1} times for one gradient, which has {parts} "
                + $"mini-batches (Accumulate is {options.Accumulate}); call step() first");
        positions = [.. Piece(share, taken++, parts)];
        return [.. positions.Select(order.At)];
    }

    /// <summary>The positions of the present gradient; a part of the step's, with local steps.</summary>
    ReadOnlySpan<long> Share()
    {
        if (!ring.WaitForStep())
            throw ring.Over();
        var ballots = ring.Trainer.Ballots;
        var all = ballots.Samples.Positions(ring.SelfIndex);
        if ((step, gradients) != (ballots.WantedStep, ballots.GradientsGiven))
        {
            (step, gradients, taken) = (ballots.WantedStep!.Value, ballots.GradientsGiven, 0);
            if (gradients == 0)
                ballots.MarkStart();
        }
        return Piece(all, gradients, Math.Min(ring.LocalSteps, all.Length));
    }

    static ReadOnlySpan<long> Piece(ReadOnlySpan<long> all, int index, int count) =>
        all[(int)((long)all.Length * index / count)..(int)((long)all.Length * (index + 1) / count)];

    static void AtLeastOne(long value, string name)
    {
        if (value < 1)
            throw new ArgumentException($"{name}: found {value}; allowed is 1 and more");
    }
}
