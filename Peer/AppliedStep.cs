namespace DecentralizedLion;

/// <summary>A step that was applied to the weights.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Loss">The mean of the voters' losses in nats; null when one of them did not give its loss, or nobody
/// voted.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="Voters">The number of peers whose gradients are in it.</param>
/// <param name="IsReplayed">True when an earlier process of this peer applied it, too, and it is done again from the
/// journal.</param>
public sealed record AppliedStep(long Step, double? Loss, double LearningRate, int Voters, bool IsReplayed);
