using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The stores on a peer's disk.</summary>
/// <param name="Journal">The records; each step is written here before it is acknowledged.</param>
/// <param name="Snapshots">This peer's checkpoints; one of the state that it starts from must be there.</param>
/// <param name="Views">The acceptor's state.</param>
sealed record PeerStores(IJournal Journal, ISnapshotStore Snapshots, IViewStore Views);
