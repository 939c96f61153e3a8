namespace DecentralizedLion.Topology;

/// <summary>The rates that a step's update is scaled by; every member computes the same bits
/// (docs/architecture.md#equal-bits).</summary>
/// <param name="LearningRate">lr.</param>
/// <param name="WeightDecay">λ, decoupled.</param>
readonly record struct StepRates(float LearningRate, float WeightDecay);
