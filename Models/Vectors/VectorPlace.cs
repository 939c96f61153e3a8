namespace DecentralizedLion.Models.Vectors;

/// <summary>The place where a peer's flat vectors are made, and lie.</summary>
abstract class VectorPlace : IDisposable
{
    /// <summary>Host memory.</summary>
    public static VectorPlace Host { get; } = new HostPlace();

    /// <summary>Makes a vector of zeros, which lives as long as the place.</summary>
    /// <param name="length">d.</param>
    public abstract FlatVector NewVector(int length);

    public virtual void Dispose()
    {
    }

    sealed class HostPlace : VectorPlace
    {
        public override FlatVector NewVector(int length) => new HostVector(new float[length]);
    }
}
