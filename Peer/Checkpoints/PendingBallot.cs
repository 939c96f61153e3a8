using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// A ballot for a step that was not committed when the peer stopped. Its gradient is in the momentum already, so it is cast again
/// as it is: a gradient computed anew would enter the momentum twice.
/// </summary>
/// <param name="Step">The step it was cast for.</param>
/// <param name="DigestBefore">The chain's digest after the step before it: it fits no other step of this number.</param>
/// <param name="Ballot">Signs and zeros.</param>
/// <param name="Loss">The loss on that step's mini-batch.</param>
sealed record PendingBallot(long Step, Digest DigestBefore, Ballot Ballot, float Loss);
