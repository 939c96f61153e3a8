namespace DecentralizedLion.Models.Datasets;

/// <summary>The input of a network at one time: B samples in the order they were asked for.</summary>
sealed class Batch
{
    /// <summary>[B, channels, height, width] for images, [B, T] for tokens.</summary>
    public required long[] InputShape { get; init; }

    /// <summary>Normalised pixels in the order of <see cref="InputShape"/>; null where the input is tokens.</summary>
    public float[]? Images { get; init; }

    /// <summary>Token numbers in the order of <see cref="InputShape"/>; null where the input is images.</summary>
    public long[]? Tokens { get; init; }

    /// <summary>[B] classes, or [B * T] next tokens.</summary>
    public required long[] Targets { get; init; }
}
