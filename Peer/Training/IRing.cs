using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Node;

namespace DecentralizedLion.Peer.Training;

/// <summary>The ring as the training thread uses it.</summary>
public interface IRing
{
    /// <inheritdoc cref="Member.NextAsync"/>
    Turn Next(long applied, Digest weights);

    /// <inheritdoc cref="Member.SubmitBallot"/>
    void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took);

    /// <inheritdoc cref="Ring.RequestStop"/>
    void RequestStop();

    /// <inheritdoc cref="Ring.TakeSent"/>
    (long Payload, long All) TakeSent();

    /// <inheritdoc cref="Ring.Retries"/>
    long Retries { get; }
}
