using TorchSharp;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Vectors;

/// <summary>
/// Tensor operations with a number that lives until libtorch has read it. TorchSharp's own operators and overloads turn the
/// number, or the factor 1 of a sum, into an object that nothing holds: a garbage collection on another thread can free it while
/// libtorch computes, which then stops with "Exception raised from toFloat".
/// </summary>
static class ScalarArithmetic
{
    // Never freed.
    static readonly Scalar one = 1;

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, one);

    /// <summary>left + factor·right, of whole numbers.</summary>
    public static Tensor Plus(this Tensor left, Tensor right, int factor)
    {
        using Scalar kept = factor;
        return left.add(right, kept);
    }

    /// <summary>tensor ← tensor + other.</summary>
    public static Tensor Add(this Tensor tensor, Tensor other) => tensor.add_(other, one);

    /// <summary>tensor·factor.</summary>
    public static Tensor Times(this Tensor tensor, float factor)
    {
        using Scalar kept = factor;
        return tensor.mul(kept);
    }

    /// <summary>tensor·factor, of whole numbers.</summary>
    public static Tensor Times(this Tensor tensor, int factor)
    {
        using Scalar kept = factor;
        return tensor.mul(kept);
    }

    /// <summary>tensor ← tensor·factor.</summary>
    public static Tensor Multiply(this Tensor tensor, float factor)
    {
        using Scalar kept = factor;
        return tensor.mul_(kept);
    }

    /// <summary>tensor ← tensor / divisor.</summary>
    public static Tensor Divide(this Tensor tensor, int divisor)
    {
        using Scalar kept = divisor;
        return tensor.div_(kept);
    }

    /// <summary>tensor ← value where the mask is true.</summary>
    public static Tensor Fill(this Tensor tensor, Tensor mask, int value)
    {
        using Scalar kept = value;
        return tensor.masked_fill_(mask, kept);
    }

    /// <summary>Where the tensor is more than a bound.</summary>
    public static Tensor IsAbove(this Tensor tensor, float bound)
    {
        using Scalar kept = bound;
        return tensor.gt(kept);
    }

    /// <summary>Where the tensor is at most a bound.</summary>
    public static Tensor IsAtMost(this Tensor tensor, float bound)
    {
        using Scalar kept = bound;
        return tensor.le(kept);
    }

    /// <summary>Where the tensor is zero.</summary>
    public static Tensor IsZero(this Tensor tensor)
    {
        using Scalar kept = 0;
        return tensor.eq(kept);
    }
}
