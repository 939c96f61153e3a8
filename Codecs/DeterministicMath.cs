namespace DecentralizedLion.Codecs;

/// <summary>
/// Powers, exponentials, logarithms, tanh and cosine with equal bits on every machine: polynomials of IEEE double operations,
/// none of the platform's libm, which differs between systems in its last bits (docs/architecture.md#equal-bits).
/// Each is within 1e-12 of the true value, relatively.
/// </summary>
static class DeterministicMath
{
    const double Log2E = 1.4426950408889634;
    const double Ln2 = 0.6931471805599453;
    const double SqrtHalf = 0.7071067811865476;
    const int MantissaBits = 52;
    const int Bias = 1023;
    const double SmallestNormal = 2.2250738585072014e-308;

    // ln 2 in two parts: a multiple of the first is exact.
    const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>x^y of x ≥ 0 and a finite y &gt; 0: 0 for x = 0 and below 2⁻¹⁰²², infinite from 2¹⁰²⁴ on.</summary>
    public static double Pow(double x, double y) => x == 0 ? 0 : Exp2(y * Log2(x));

    /// <summary>2^x: 0 below 2⁻¹⁰²², infinite from 2¹⁰²⁴ on.</summary>
    public static double Exp2(double x)
    {
        if (x < 1 - Bias)
            return 0;
        if (x >= 1 + Bias)
            return double.PositiveInfinity;

        // 2^x = 2^n·e^t with |t| ≤ ln(2)/2, where the exponential series is exact after 14 terms.
        var n = Math.Min(Math.Round(x), Bias);
        var t = (x - n) * Ln2;
        var sum = 1.0 / 6227020800;
        sum = (sum * t) + (1.0 / 479001600);
        sum = (sum * t) + (1.0 / 39916800);
        sum = (sum * t) + (1.0 / 3628800);
        sum = (sum * t) + (1.0 / 362880);
        sum = (sum * t) + (1.0 / 40320);
        sum = (sum * t) + (1.0 / 5040);
        sum = (sum * t) + (1.0 / 720);
        sum = (sum * t) + (1.0 / 120);
        sum = (sum * t) + (1.0 / 24);
        sum = (sum * t) + (1.0 / 6);
        sum = (sum * t) + 0.5;
        sum = (sum * t) + 1;
        sum = (sum * t) + 1;
        return sum * BitConverter.Int64BitsToDouble(((long)n + Bias) << MantissaBits);
    }

    /// <summary>log2 of a positive, finite x.</summary>
    public static double Log2(double x)
    {
        var exponent = 0;
        if (x < SmallestNormal)
        {
            x *= 1L << (MantissaBits + 1);
            exponent = -(MantissaBits + 1);
        }

        // x = 2^e·m with √½ ≤ m < √2, and ln(m) = 2·artanh(s) with s = (m−1)/(m+1), |s| ≤ 0.172.
        var bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> MantissaBits) - Bias + 1;
        var m = BitConverter.Int64BitsToDouble((bits & ((1L << MantissaBits) - 1)) | ((long)(Bias - 1) << MantissaBits));
        if (m < SqrtHalf)
        {
            m *= 2;
            exponent--;
        }

        var s = (m - 1) / (m + 1);
        var square = s * s;
        var sum = 1.0 / 23;
        for (var odd = 21; odd > 0; odd -= 2)
            sum = (sum * square) + (1.0 / odd);
        return exponent + (2 * s * sum * Log2E);
    }

    /// <summary>tanh of any x but NaN.</summary>
    public static double Tanh(double x)
    {
        var z = Math.Abs(x);
        if (z < 0.5)
        {
            // Lambert's continued fraction z/(1 + z²/(3 + z²/(5 + …))), cut off after 13.
            var q = x * x;
            return x * (135135 + (q * (17325 + (q * (378 + q))))) / (135135 + (q * (62370 + (q * (3150 + (q * 28))))));
        }

        var e = Exp2(-2 * Log2E * z);
        var tanh = (1 - e) / (1 + e);
        return x < 0 ? -tanh : tanh;
    }

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

    /// <summary>cos(π·x) for x in 0 … 1 as sin(π(1/2 − x)): an odd Taylor polynomial of degree 17, error below 1e-12 on this
    /// range.</summary>
    public static double CosPi(double x)
    {
        var y = 3.141592653589793 * (0.5 - x);
        var z = y * y;
        var p = 1.0 / 355687428096000; // 1/17!, then 1/15!, …
        p = p * z - 1.0 / 1307674368000;
        p = p * z + 1.0 / 6227020800;
        p = p * z - 1.0 / 39916800;
        p = p * z + 1.0 / 362880;
        p = p * z - 1.0 / 5040;
        p = p * z + 1.0 / 120;
        p = p * z - 1.0 / 6;
        p = p * z + 1.0;
        return p * y;
    }
}
