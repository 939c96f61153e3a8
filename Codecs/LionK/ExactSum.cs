namespace DecentralizedLion.Codecs.LionK;

/// <summary>Sums over fp32 vectors in double, one addition after the other, so that all machines round alike.</summary>
static class ExactSum
{
    /// <summary>‖v‖∞.</summary>
    public static double Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values)
            largest = MathF.Max(largest, MathF.Abs(value));
        return largest;
    }

    /// <summary>‖v‖₁.</summary>
    public static double Magnitudes(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += Math.Abs((double)value);
        return sum;
    }

    /// <summary>‖v‖₂²: each square is exact in double, and none overflows.</summary>
    public static double Squares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }

    /// <summary>⟨a, b⟩: each product is exact in double.</summary>
    public static double Products(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }
}
