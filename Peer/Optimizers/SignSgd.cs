using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>signSGD with a majority vote (Bernstein et al., arXiv 1802.04434, 1810.05291): δᵢ = sign(gᵢ).</summary>
/// <param name="parameters">d.</param>
/// <param name="ties">What decides a tie.</param>
sealed class SignSgd(int parameters, TieRule ties) : SignVoteOptimizer(parameters, ties)
{
    public override void FillBallot(long step, ReadOnlySpan<float> gradient, Ballot ballot) =>
        SignKernel.Pack(gradient, ballot.Signs, ballot.Zeros);
}
