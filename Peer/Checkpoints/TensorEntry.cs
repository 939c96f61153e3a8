namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>A declared tensor with its place in the data part.</summary>
sealed record TensorEntry(TensorDeclaration Declaration, long Begin, long End);
