namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>The speeds that a frame meets between two peers, in bytes a second.</summary>
/// <param name="Uplink">The sender's, for all that it sends.</param>
/// <param name="Pair">The link's between the two, which is no part of any other's.</param>
readonly record struct PathSpeed(double Uplink, double Pair);
