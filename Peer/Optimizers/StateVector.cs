namespace DecentralizedLion.Peer.Optimizers;

/// <summary>One vector of a method's state.</summary>
/// <param name="Name">Its name in a checkpoint.</param>
/// <param name="Values">Its values.</param>
/// <param name="IsTransferable">Whether a peer that has lost its own begins with another peer's rather than with zeros. What is
/// not also becomes zero where steps were not seen that may have counted a part of it.</param>
sealed record StateVector(string Name, float[] Values, bool IsTransferable = true);
