namespace DecentralizedLion.Codecs.Bits.Simd;

/// <summary>
/// The operations of a vector of floats that a kernel over parameters needs, so that one source serves every width. There is no
/// fused multiply-add here on purpose: every product and every sum is rounded (docs/architecture.md#equal-bits).
/// </summary>
interface IFloatLanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector; divides 64.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(ref float origin, nuint offset);
    static abstract void Store(TVector value, ref float origin, nuint offset);
    static abstract TVector Create(float value);
    static abstract TVector Add(TVector a, TVector b);
    static abstract TVector Subtract(TVector a, TVector b);
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>Bit i is set where lane i is greater than zero.</summary>
    static abstract ulong Positive(TVector a);

    /// <summary>Bit i is set where lane i is +0 or −0.</summary>
    static abstract ulong Zero(TVector a);

    /// <summary>Lane i is of <paramref name="one"/> where bit i is set; bits beyond the lanes are ignored.</summary>
    static abstract TVector Select(ulong bits, TVector one, TVector zero);

    /// <summary>The larger of |a| and <paramref name="largest"/> by their bits, so that NaN is larger than all.</summary>
    static abstract TVector MaxMagnitude(TVector a, TVector largest);

    /// <summary>True when no lane of <see cref="MaxMagnitude"/>'s result is infinite or NaN.</summary>
    static abstract bool Finite(TVector magnitude);
}
