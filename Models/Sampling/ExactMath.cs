namespace DecentralizedLion.Models.Sampling;

/// <summary>Functions by IEEE add, multiply and divide only: the same bits on every machine, where the platform's library may
/// differ in the last one.</summary>
static class ExactMath
{
    // ln 2 in two parts: a multiple of the first is exact.
    const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The natural logarithm of a normal number above 0, to some 1e-16 of it or of 1.</summary>
    public static double Log(double x)
    {
        if (!double.IsNormal(x) || x < 0)
            throw new ArgumentOutOfRangeException(nameof(x), x, "expected a normal number above 0");
        var bits = BitConverter.DoubleToUInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var m = BitConverter.UInt64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
            (m, exponent) = (m / 2, exponent + 1);

        // log m = 2·(s + s³/3 + s⁵/5 + …) with |s| < 0.172
        var s = (m - 1) / (m + 1);
        var z = s * s;
        var p = 1.0 / 21;
        for (var n = 19; n >= 3; n -= 2)
            p = (p * z) + (1.0 / n);
        return (exponent * Ln2High) + ((2 * s) + ((2 * s * z * p) + (exponent * Ln2Low)));
    }

    /// <summary>The exponential of a number up to 700, to some 1e-15 of it; 0 below −708, where it is no normal number.</summary>
    public static double Exp(double x)
    {
        if (!(x <= 700))
            throw new ArgumentOutOfRangeException(nameof(x), x, "expected at most 700");
        if (x < -708)
            return 0;
        var k = Math.Floor((x / Ln2High) + 0.5);
        var r = x - (k * Ln2High) - (k * Ln2Low);                      // |r| < 0.35
        var p = 1.0;
        for (var n = 14; n >= 1; n--)
            p = 1 + (p * r / n);
        return p * BitConverter.UInt64BitsToDouble((ulong)(1023 + (int)k) << 52);
    }
}
