using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>The ring itself.</summary>
public sealed class RingAdapter(Ring ring) : IRing
{
    public Turn Next(long applied, Digest weights) => ring.Next(applied, weights);

    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took) => ring.SubmitBallot(step, ballot, loss, took);

    public void RequestStop() => ring.RequestStop();

    public (long Payload, long All) TakeSent() => ring.TakeSent();

    public long Retries => ring.Retries;
}
