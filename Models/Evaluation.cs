namespace DecentralizedLion.Models;

/// <summary>Loss is the mean cross-entropy in nats and Accuracy the share of right predictions, both over Predictions.</summary>
readonly record struct Evaluation(double Loss, double Accuracy, long Samples, long Predictions);
