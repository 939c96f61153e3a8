namespace DecentralizedLion.Peer.Optimizers;

/// <summary>Parameters that follow each other in the flat vector and have one weight decay and one learning-rate
/// factor.</summary>
/// <param name="Begin">The first.</param>
/// <param name="End">The one after the last.</param>
/// <param name="WeightDecay">λ; null for that of each step's record.</param>
/// <param name="Factor">What the learning rate is multiplied by.</param>
sealed record GroupRange(int Begin, int End, float? WeightDecay, float Factor);
