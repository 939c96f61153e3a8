using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// Steps that a peer makes on its own, from the common weights and back to them: K of them share the bits of one vote. What it
/// casts is the sign of what they moved in sum; where as many went up as down, the last one decides.
/// </summary>
/// <param name="model">The weights.</param>
/// <param name="groups">The rates of groups of parameters; null: all have the step's.</param>
sealed class LocalUpdates(FlatParameters model, GroupRates? groups)
{
    readonly FlatVector start = model.Place.NewVector(model.Count), sum = model.Place.NewVector(model.Count);
    readonly ulong[] signs = new ulong[BitPlanes.Words(model.Count)], zeros = new ulong[BitPlanes.Words(model.Count)];

    /// <summary>x₀ ← x.</summary>
    public void Begin()
    {
        start.CopyFrom(model.Weights);
        sum.Clear();
    }

    /// <summary>x ← x − rate·δ, Σ ← Σ + δ.</summary>
    /// <param name="ballot">δ.</param>
    /// <param name="rate">lr/K.</param>
    public void Step(Ballot ballot, float rate)
    {
        if (groups is null)
            model.Weights.ApplySigns(ballot.Signs, ballot.Zeros, rate, decay: 1);
        else
            groups.ApplySigns(ballot.Signs, ballot.Zeros, rate, model.Weights);
        sum.ApplySigns(ballot.Signs, ballot.Zeros, -1, decay: 1);
        model.CopyWeightsToDevice();
    }

    /// <summary>x ← x₀, and δ ← sign(Σ), or δ as it is where Σ = 0.</summary>
    /// <param name="ballot">The last δ.</param>
    public void End(Ballot ballot)
    {
        model.Weights.CopyFrom(start);
        model.CopyWeightsToDevice();
        sum.PackSigns(signs, zeros);
        for (var word = 0; word < signs.Length; word++)
        {
            ballot.Signs[word] = signs[word] | (zeros[word] & ballot.Signs[word]);
            ballot.Zeros[word] &= zeros[word];
        }
    }
}
