using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>One vector of a method's state.</summary>
/// <param name="Name">Its name in a checkpoint.</param>
/// <param name="Vector">Its values.</param>
/// <param name="IsTransferable">True: a peer that lost this vector starts with another peer's copy. False: it starts with zeros,
/// and the vector is also zeroed after missed steps, since ballots that were counted in them may have sent a part of it.</param>
sealed record StateVector(string Name, FlatVector Vector, bool IsTransferable = true)
{
    /// <summary>The values of a vector that was made of an array.</summary>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public float[] Values => (Vector as HostVector)?.Array
        ?? throw new InvalidOperationException($"{Name} lies on a device, not in host memory");
}
