using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>signSGD with a majority vote (Bernstein et al., arXiv 1802.04434, 1810.05291): δᵢ = sign(gᵢ).</summary>
/// <param name="parameters">d.</param>
/// <param name="ties">What decides a tie.</param>
sealed class SignSgd(int parameters, TieRule ties) : SignVoteOptimizer(parameters, ties)
{
    public override void FillBallot(long step, FlatVector gradient, Ballot ballot) =>
        gradient.PackSigns(ballot.Signs, ballot.Zeros);
}
