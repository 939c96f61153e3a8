using DecentralizedLion.Models;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>The parts of a session.</summary>
/// <param name="Ring">peers.json.</param>
/// <param name="Self">This peer's entry.</param>
/// <param name="Identity">This peer's files.</param>
/// <param name="Parameters">Weights and gradient.</param>
/// <param name="Buffers">The buffers that are synchronized.</param>
/// <param name="Training">The optimizer's settings.</param>
/// <param name="Sampling">The sampler's settings.</param>
sealed record SessionParts(RingConfig Ring, RosterEntry Self, PeerIdentity Identity, FlatParameters Parameters,
    NetworkBuffers Buffers, OptimizerSettings Training, SamplerSettings Sampling);
