namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>One evaluation of a run.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Epoch">How often all samples were taken by then.</param>
/// <param name="TrainLoss">The workers' mean loss since the evaluation before; NaN when it was not finite.</param>
/// <param name="Loss">The loss on the test part.</param>
/// <param name="Accuracy">The share of right predictions on it.</param>
/// <param name="BytesSent">What one peer has sent by then, by the formula.</param>
sealed record EvaluationPoint(long Step, double Epoch, double TrainLoss, double Loss, double Accuracy, double BytesSent);
