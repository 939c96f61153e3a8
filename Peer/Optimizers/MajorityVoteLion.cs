using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>D-Lion (MaVo), distributed Lion with a majority vote (arXiv 2404.00438, algorithm 1): δᵢ = sign(β1·mᵢ + (1 −
/// β1)·gᵢ).</summary>
/// <param name="lion">This worker's Lion.</param>
/// <param name="parameters">d.</param>
/// <param name="ties">What decides a tie.</param>
sealed class MajorityVoteLion(Lion lion, int parameters, TieRule ties) : SignVoteOptimizer(parameters, ties)
{
    public override IReadOnlyList<StateVector> LocalState => [lion.Momentum];

    public override void FillBallot(long step, FlatVector gradient, Ballot ballot) =>
        lion.Vote(gradient, ballot.Signs, ballot.Zeros);
}
