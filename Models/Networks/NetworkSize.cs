namespace DecentralizedLion.Models.Networks;

/// <summary>The size of a network.</summary>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Tensors">The tensors that they are in.</param>
readonly record struct NetworkSize(long Parameters, int Tensors)
{
    /// <summary>A layer from inputs to outputs, with a bias.</summary>
    public static NetworkSize Linear(long inputs, long outputs) => new((inputs + 1) * outputs, 2);

    /// <summary>A norm's weight and bias.</summary>
    public static NetworkSize Norm(long width) => new(2 * width, 2);

    public static NetworkSize operator +(NetworkSize a, NetworkSize b) =>
        new(a.Parameters + b.Parameters, a.Tensors + b.Tensors);

    public static NetworkSize operator *(long times, NetworkSize one) =>
        new(times * one.Parameters, (int)times * one.Tensors);
}
