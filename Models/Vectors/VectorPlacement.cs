namespace DecentralizedLion.Models.Vectors;

/// <summary>The memory that the flat vectors of a peer lie in.</summary>
enum VectorPlacement
{
    /// <summary>Host memory. Where the network is on another device, weights and gradients are copied in every step.</summary>
    Host,

    /// <summary>The network's device, also where that is the CPU: signs alone pass through host memory.</summary>
    Device,
}
