using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DecentralizedLion.Codecs.Bits.Simd;

namespace DecentralizedLion.Codecs.Bits;

/// <summary>
/// Counts as bit planes, and their addition without unpacking: a ripple of XOR and AND over words (docs/protocol.md#exchange).
/// The layout is <see cref="BitPlanes"/>'s. A carry out of the last plane of the result is lost: callers size it with
/// <see cref="BitPlanes.Width"/> of the voters inside.
/// </summary>
static class CountPlanes
{
    /// <summary>result = counts + ballot, for each parameter.</summary>
    /// <param name="counts">The counts so far: planes · n words. No planes at all count as zero.</param>
    /// <param name="planes">The planes of <paramref name="counts"/>.</param>
    /// <param name="ballot">The sign plane or the zero plane of one ballot: n words.</param>
    /// <param name="result">resultPlanes · n words; may begin at the same memory as <paramref name="counts"/>.</param>
    /// <param name="resultPlanes">The planes of the result, at least as many as <paramref name="planes"/>.</param>
    /// <exception cref="ArgumentException">A span is not as long as its planes say.</exception>
    public static void Add(
        ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<ulong> ballot, Span<ulong> result, int resultPlanes) =>
        Add(counts, planes, ballot, result, resultPlanes, VectorWidths.Widest);

    /// <summary>result = counts + weight · ballot, for each parameter: the ballot is added in every plane in which its weight has
    /// a bit.</summary>
    /// <param name="counts">The counts so far: planes · n words. No planes at all count as zero.</param>
    /// <param name="planes">The planes of <paramref name="counts"/>.</param>
    /// <param name="ballot">The sign plane or the zero plane of one ballot: n words.</param>
    /// <param name="weight">The votes that the ballot counts, at least 1.</param>
    /// <param name="result">resultPlanes · n words; may begin at the memory of <paramref name="counts"/>, or without counts at
    /// that of <paramref name="ballot"/>.</param>
    /// <param name="resultPlanes">The planes of the result, at least as many as counts and weight have.</param>
    /// <exception cref="ArgumentException">A span is not as long as its planes say.</exception>
    public static void Add(ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<ulong> ballot, int weight, Span<ulong> result,
        int resultPlanes) => Add(counts, planes, ballot, weight, result, resultPlanes, VectorWidths.Widest);

    /// <summary>result = a + b, for each parameter.</summary>
    /// <param name="a">Counts: planesA · n words.</param>
    /// <param name="planesA">The planes of <paramref name="a"/>; none count as zero.</param>
    /// <param name="b">Counts: planesB · n words.</param>
    /// <param name="planesB">The planes of <paramref name="b"/>; none count as zero.</param>
    /// <param name="result">resultPlanes · n words, which gives n; may begin at the memory of a or of b.</param>
    /// <param name="resultPlanes">The planes of the result: one at least, and as many as a or b has.</param>
    /// <exception cref="ArgumentException">A span is not as long as its planes say.</exception>
    public static void Merge(
        ReadOnlySpan<ulong> a, int planesA, ReadOnlySpan<ulong> b, int planesB, Span<ulong> result, int resultPlanes) =>
        Merge(a, planesA, b, planesB, result, resultPlanes, VectorWidths.Widest);

    internal static void Add(
        ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<ulong> ballot, Span<ulong> result, int resultPlanes,
        VectorWidth width)
    {
        Guard.Planes(planes, nameof(planes));
        Guard.Planes(resultPlanes, nameof(resultPlanes));
        ArgumentOutOfRangeException.ThrowIfLessThan(resultPlanes, planes);
        Guard.Length(counts.Length, (long)planes * ballot.Length, nameof(counts));
        Guard.Length(result.Length, (long)resultPlanes * ballot.Length, nameof(result));
        var words = (nuint)ballot.Length;
        ref var c = ref MemoryMarshal.GetReference(counts);
        ref var v = ref MemoryMarshal.GetReference(ballot);
        ref var r = ref MemoryMarshal.GetReference(result);
        nuint done = width switch
        {
            VectorWidth.Bits512 => Add<Words512, Vector512<ulong>>(ref c, planes, ref v, ref r, resultPlanes, words, 0),
            VectorWidth.Bits256 => Add<Words256, Vector256<ulong>>(ref c, planes, ref v, ref r, resultPlanes, words, 0),
            VectorWidth.Bits128 => Add<Words128, Vector128<ulong>>(ref c, planes, ref v, ref r, resultPlanes, words, 0),
            _ => 0,
        };
        Add<Words64, ulong>(ref c, planes, ref v, ref r, resultPlanes, words, done);
    }

    internal static void Add(
        ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<ulong> ballot, int weight, Span<ulong> result, int resultPlanes,
        VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        if (weight == 1)
        {
            Add(counts, planes, ballot, result, resultPlanes, width);
            return;
        }
        Guard.Planes(planes, nameof(planes));
        Guard.Planes(resultPlanes, nameof(resultPlanes));
        ArgumentOutOfRangeException.ThrowIfLessThan(resultPlanes, Math.Max(planes, BitPlanes.Width(weight)));
        Guard.Length(counts.Length, (long)planes * ballot.Length, nameof(counts));
        Guard.Length(result.Length, (long)resultPlanes * ballot.Length, nameof(result));
        var words = (nuint)ballot.Length;
        ref var c = ref MemoryMarshal.GetReference(counts);
        ref var v = ref MemoryMarshal.GetReference(ballot);
        ref var r = ref MemoryMarshal.GetReference(result);
        var w = (uint)weight;
        nuint done = width switch
        {
            VectorWidth.Bits512 => Add<Words512, Vector512<ulong>>(ref c, planes, ref v, w, ref r, resultPlanes, words, 0),
            VectorWidth.Bits256 => Add<Words256, Vector256<ulong>>(ref c, planes, ref v, w, ref r, resultPlanes, words, 0),
            VectorWidth.Bits128 => Add<Words128, Vector128<ulong>>(ref c, planes, ref v, w, ref r, resultPlanes, words, 0),
            _ => 0,
        };
        Add<Words64, ulong>(ref c, planes, ref v, w, ref r, resultPlanes, words, done);
    }

    internal static void Merge(
        ReadOnlySpan<ulong> a, int planesA, ReadOnlySpan<ulong> b, int planesB, Span<ulong> result, int resultPlanes,
        VectorWidth width)
    {
        Guard.Planes(planesA, nameof(planesA));
        Guard.Planes(planesB, nameof(planesB));
        Guard.Planes(resultPlanes, nameof(resultPlanes));
        ArgumentOutOfRangeException.ThrowIfLessThan(resultPlanes, Math.Max(1, Math.Max(planesA, planesB)));
        var words = result.Length / resultPlanes;
        Guard.Length(result.Length, (long)resultPlanes * words, nameof(result));
        Guard.Length(a.Length, (long)planesA * words, nameof(a));
        Guard.Length(b.Length, (long)planesB * words, nameof(b));
        if (planesA < planesB)
        {
            // The kernel has the wider group first.
            (planesA, planesB) = (planesB, planesA);
            var wider = b;
            b = a;
            a = wider;
        }

        ref var ra = ref MemoryMarshal.GetReference(a);
        ref var rb = ref MemoryMarshal.GetReference(b);
        ref var r = ref MemoryMarshal.GetReference(result);
        var n = (nuint)words;
        nuint done = width switch
        {
            VectorWidth.Bits512 =>
                Merge<Words512, Vector512<ulong>>(ref ra, planesA, ref rb, planesB, ref r, resultPlanes, n, 0),
            VectorWidth.Bits256 =>
                Merge<Words256, Vector256<ulong>>(ref ra, planesA, ref rb, planesB, ref r, resultPlanes, n, 0),
            VectorWidth.Bits128 =>
                Merge<Words128, Vector128<ulong>>(ref ra, planesA, ref rb, planesB, ref r, resultPlanes, n, 0),
            _ => 0,
        };
        Merge<Words64, ulong>(ref ra, planesA, ref rb, planesB, ref r, resultPlanes, n, done);
    }

    static nuint Add<TLanes, TVector>(
        ref ulong counts, int planes, ref ulong ballot, ref ulong result, int resultPlanes, nuint words, nuint i)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        for (; i + (nuint)TLanes.Count <= words; i += (nuint)TLanes.Count)
        {
            var carry = TLanes.Load(ref ballot, i);
            var at = i;
            var b = 0;
            for (; b < planes; b++, at += words)
            {
                var count = TLanes.Load(ref counts, at);
                TLanes.Store(TLanes.Xor(count, carry), ref result, at);
                carry = TLanes.And(count, carry);
            }

            for (; b < resultPlanes; b++, at += words)
            {
                TLanes.Store(carry, ref result, at);
                carry = default;
            }
        }

        return i;
    }

    // A plane in which the weight has no bit only passes the carry on.
    static nuint Add<TLanes, TVector>(
        ref ulong counts, int planes, ref ulong ballot, uint weight, ref ulong result, int resultPlanes, nuint words, nuint i)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        for (; i + (nuint)TLanes.Count <= words; i += (nuint)TLanes.Count)
        {
            TVector signs = TLanes.Load(ref ballot, i), carry = default;
            var at = i;
            for (var b = 0; b < resultPlanes; b++, at += words)
            {
                var count = b < planes ? TLanes.Load(ref counts, at) : default;
                var half = TLanes.Xor(count, carry);
                if ((weight >> b & 1) == 0)
                {
                    TLanes.Store(half, ref result, at);
                    carry = TLanes.And(count, carry);
                    continue;
                }
                TLanes.Store(TLanes.Xor(half, signs), ref result, at);
                carry = TLanes.Or(TLanes.And(count, carry), TLanes.And(half, signs));
            }
        }

        return i;
    }

    static nuint Merge<TLanes, TVector>(
        ref ulong a, int planesA, ref ulong b, int planesB, ref ulong result, int resultPlanes, nuint words, nuint i)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        for (; i + (nuint)TLanes.Count <= words; i += (nuint)TLanes.Count)
        {
            TVector carry = default;
            var at = i;
            var plane = 0;
            for (; plane < planesB; plane++, at += words)
            {
                TVector x = TLanes.Load(ref a, at), y = TLanes.Load(ref b, at);
                var half = TLanes.Xor(x, y);
                TLanes.Store(TLanes.Xor(half, carry), ref result, at);
                carry = TLanes.Or(TLanes.And(x, y), TLanes.And(half, carry));
            }

            for (; plane < planesA; plane++, at += words)
            {
                var x = TLanes.Load(ref a, at);
                TLanes.Store(TLanes.Xor(x, carry), ref result, at);
                carry = TLanes.And(x, carry);
            }

            for (; plane < resultPlanes; plane++, at += words)
            {
                TLanes.Store(carry, ref result, at);
                carry = default;
            }
        }

        return i;
    }
}
