using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>One vector of a method's state.</summary>
/// <param name="Name">Its name in a checkpoint.</param>
/// <param name="Vector">Its values.</param>
/// <param name="IsTransferable">Whether a peer that has lost its own begins with another peer's rather than with zeros. What is
/// not also becomes zero where steps were not seen that may have counted a part of it.</param>
sealed record StateVector(string Name, FlatVector Vector, bool IsTransferable = true)
{
    /// <summary>The values of a vector that was made of an array.</summary>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public float[] Values => (Vector as HostVector)?.Array
        ?? throw new InvalidOperationException($"{Name} lies on a device, not in host memory");
}
