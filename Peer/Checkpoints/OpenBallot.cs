using DecentralizedLion.Codecs;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// A ballot for a step that was not committed when the peer stopped. Its gradient is in the momentum already, so it is cast again
/// as it is: a gradient computed anew would enter the momentum twice.
/// </summary>
/// <param name="Step">The step after the checkpoint's.</param>
/// <param name="Ballot">Signs and zeros.</param>
/// <param name="Loss">The loss on that step's mini-batch.</param>
public sealed record OpenBallot(long Step, Ballot Ballot, float Loss);
