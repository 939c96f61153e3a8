using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>Signum, signSGD with momentum, by majority vote (arXiv 1802.04434, 1810.05291): mᵢ ← β·mᵢ + (1 − β)·gᵢ, δᵢ =
/// sign(mᵢ).</summary>
/// <param name="momentum">m, d zeros.</param>
/// <param name="beta">β, <c>beta1</c> in peers.json.</param>
/// <param name="ties">What decides a tie.</param>
sealed class Signum(FlatVector momentum, float beta, TieRule ties) : SignVoteOptimizer(momentum.Length, ties)
{
    public override IReadOnlyList<StateVector> LocalState { get; } = [new("momentum", momentum)];

    public override void FillBallot(long step, FlatVector gradient, Ballot ballot)
    {
        momentum.Blend(gradient, beta);
        momentum.PackSigns(ballot.Signs, ballot.Zeros);
    }
}
