using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology;

/// <summary>The ring as the training thread uses it.</summary>
interface IRing
{
    /// <inheritdoc cref="Ring.Next"/>
    TrainerTurn Next(long applied, Digest weights);

    /// <inheritdoc cref="Ring.SubmitBallot"/>
    void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took);

    /// <inheritdoc cref="Ring.RequestStop"/>
    void RequestStop();

    /// <inheritdoc cref="Ring.StopVoting"/>
    void StopVoting();

    /// <inheritdoc cref="Ring.TakeSent"/>
    (long Payload, long All) TakeSent();

    /// <inheritdoc cref="Ring.Statistics"/>
    RingStatistics Statistics { get; }
}
