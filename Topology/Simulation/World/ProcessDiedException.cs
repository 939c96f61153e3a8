namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>Ends what a dead process was about to do; nothing of it is seen outside.</summary>
sealed class ProcessDiedException() : Exception("this process is gone");
