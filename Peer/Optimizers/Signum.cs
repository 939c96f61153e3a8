using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>Signum, signSGD with momentum, by majority vote (arXiv 1802.04434, 1810.05291): mᵢ ← β·mᵢ + (1 − β)·gᵢ, δᵢ =
/// sign(mᵢ).</summary>
/// <param name="parameters">d.</param>
/// <param name="beta">β, <c>beta1</c> in peers.json.</param>
/// <param name="ties">What decides a tie.</param>
sealed class Signum(int parameters, float beta, TieRule ties) : SignVoteOptimizer(parameters, ties)
{
    readonly StateVector momentum = new("momentum", new float[parameters]);

    public override IReadOnlyList<StateVector> LocalState => [momentum];

    public override void FillBallot(long step, ReadOnlySpan<float> gradient, Ballot ballot)
    {
        SgdKernel.Blend(momentum.Values, gradient, beta);
        SignKernel.Pack(momentum.Values, ballot.Signs, ballot.Zeros);
    }
}
