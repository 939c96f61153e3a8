namespace DecentralizedLion.Models.Networks;

/// <summary>The size of a network. Settings are checked when a network is made of them, with the shape of its data at
/// hand.</summary>
abstract record NetworkSettings
{
    /// <summary>The name used in peers.json, e.g. <c>vit</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Throws ArgumentException naming the field, its value and what is allowed.</summary>
    public abstract void Validate(long[] sampleShape, int classes);

    /// <summary>The numbers of parameters and of their tensors, tied ones once, without making them.</summary>
    /// <param name="sampleShape">The shape of a sample.</param>
    /// <param name="classes">The classes, or the vocabulary.</param>
    /// <returns>Null where only the network's file says it.</returns>
    public abstract NetworkSize? Size(long[] sampleShape, int classes);

    protected static void InRange(string field, long value, long low, long high)
    {
        if (value < low || value > high)
            throw new ArgumentException($"{field} is {value}; allowed is {low} to {high}");
    }

    protected static void Divides(string field, long value, string what, long whole)
    {
        if (whole % value != 0)
            throw new ArgumentException($"{field} is {value}; allowed is a divisor of {what}, which is {whole}");
    }

    protected static void Image(string kind, long[] sampleShape)
    {
        if (sampleShape is not [>= 1, >= 1, >= 1])
            throw new ArgumentException($"{kind} needs images of [channels, height, width]; the data has "
                + $"{Shape.Text(sampleShape)}");
    }

    protected static void Classes(int classes) => InRange("classes", classes, 2, 1 << 20);
}
