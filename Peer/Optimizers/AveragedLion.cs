using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// D-Lion (Avg), distributed Lion with averaged signs (arXiv 2404.00438, algorithm 1): Δ = Σ wᵢ·δᵢ / V, of V = Σ wᵢ votes. What
/// travels back is the counts.
/// </summary>
/// <remarks>Ring: (1/N)·Σ⌈log2(h+1)⌉ + (N−1)/N·⌈log2(N+1)⌉ bits per parameter, step and peer; direct: (N−1)/N·(1 +
/// ⌈log2(N+1)⌉).</remarks>
/// <param name="lion">This worker's Lion.</param>
/// <param name="parameters">d.</param>
sealed class AveragedLion(Lion lion, int parameters) : DistributedMethod(parameters)
{
    readonly Bucket[] buckets = [new(new SignAverage(), parameters)];

    public override IReadOnlyList<StateVector> LocalState => [lion.Momentum];

    public override IReadOnlyList<Bucket> BucketsOf(long step) => buckets;

    public override void FillBallot(long step, FlatVector gradient, Ballot ballot) =>
        lion.Vote(gradient, ballot.Signs, ballot.Zeros);

    protected internal override void Step(StepRecord record, float decay, FlatVector weights)
    {
        var (counts, zeros) = (record.Buckets[0].Planes, record.Buckets[0].Zeros);
        var votes = record.Votes;
        var table = AverageKernel.Table(record.LearningRate, votes, sums: zeros is not null);
        if (zeros is null)
        {
            weights.ApplyCounts(counts, BitPlanes.Width(votes), table, decay);      // lr·(2p − V)/V
            return;
        }
        // Somebody abstains somewhere: 2p + a instead of p.
        var sums = new ulong[BitPlanes.Width(2 * votes) * buckets[0].Words];
        AverageKernel.Pack(counts, BitPlanes.Width(votes), zeros, BitPlanes.Width(votes), sums, BitPlanes.Width(2 * votes));
        weights.ApplyCounts(sums, BitPlanes.Width(2 * votes), table, decay);            // lr·(2p + a − V)/V
    }
}
