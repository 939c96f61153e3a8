namespace DecentralizedLion.Peer.Cli.Dashboard.Reading;

/// <summary>The numbers of a step; each is a field of <see cref="Peer.Metrics.Stepped"/>.</summary>
enum StepMetric
{
    Loss,
    LearningRate,
    Agreement,
    Flips,
    Zeros,
    Ties,
    Voters,
    ComputeSeconds,
    ExchangeSeconds,
    BytesSent,
    BitsPerParameter,
}
