namespace DecentralizedLion.Codecs.Bits.Simd;

/// <summary>The operations of a vector of words that a kernel over planes needs, so that one source serves every width.</summary>
interface IWordLanes<TVector>
    where TVector : struct
{
    /// <summary>Words in a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(ref ulong origin, nuint offset);
    static abstract void Store(TVector value, ref ulong origin, nuint offset);
    static abstract TVector Create(ulong word);
    static abstract TVector Ramp(ulong start, ulong increment);
    static abstract TVector And(TVector a, TVector b);
    static abstract TVector Or(TVector a, TVector b);
    static abstract TVector Xor(TVector a, TVector b);
    static abstract TVector Not(TVector a);
    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector ShiftRight(TVector a, int bits);
    static abstract bool Any(TVector a);
}
