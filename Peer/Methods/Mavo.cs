using DecentralizedLion.Codecs;

namespace DecentralizedLion.Peer.Methods;

/// <summary>D-Lion (MaVo), distributed Lion with a majority vote (arXiv 2404.00438, algorithm 1): δᵢ = sign(β1·mᵢ + (1 − β1)·gᵢ).</summary>
/// <param name="lion">This worker's Lion.</param>
/// <param name="parameters">d.</param>
/// <param name="ties">What decides a tie.</param>
public sealed class Mavo(Lion lion, int parameters, TieRule ties) : SignVote(parameters, ties)
{
    public override IReadOnlyList<StateVector> Own => [lion.Momentum];

    public override void Vote(long step, ReadOnlySpan<float> gradient, Ballot ballot) => lion.Vote(gradient, ballot.Signs, ballot.Zeros);
}
