using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DecentralizedLion.Codecs.Bits.Simd;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>
/// The decision over complete counts: sign(2p + a − V) for p positive votes, a abstentions and V voters, as a bit-sliced
/// comparison (docs/protocol.md#exchange).
/// </summary>
static class MajorityKernel
{
    /// <summary>
    /// Decides a range of n words. A tie goes by the rule; where every voter abstains (a = V, and always when V = 0) the
    /// result is zero under every rule.
    /// </summary>
    /// <param name="counts">The counts of all voters.</param>
    /// <param name="ties">The tie rule.</param>
    /// <param name="context">The place of the range; its previous signs, n words, are read under
    /// <see cref="TieRule.Previous"/> only, its step and first word under <see cref="TieRule.Hash"/> only.</param>
    /// <param name="signs">Receives 1 where the majority is +1: n words, which gives n. May be the memory of the previous
    /// signs, or begin at that of the positive votes.</param>
    /// <param name="zeros">Receives 1 where the majority is 0 (the sign bit is then 0): n words.</param>
    /// <returns>True when the result has any zero.</returns>
    /// <exception cref="ArgumentException">A span is not as long as n and its planes say.</exception>
    public static bool Decide(VoteCounts counts, TieRule ties, RangeContext context, Span<ulong> signs, Span<ulong> zeros) =>
        Decide(counts, ties, context, signs, zeros, VectorWidths.Widest);

    internal static bool Decide(
        VoteCounts counts, TieRule ties, RangeContext context, Span<ulong> signs, Span<ulong> zeros, VectorWidth width)
    {
        Guard.Planes(counts.PositivePlanes, nameof(counts.PositivePlanes));
        Guard.Planes(counts.AbstentionPlanes, nameof(counts.AbstentionPlanes));
        ArgumentOutOfRangeException.ThrowIfNegative(counts.Voters);
        ArgumentOutOfRangeException.ThrowIfNegative(context.FirstWord);
        if (ties is < TieRule.Previous or > TieRule.Hash)
            throw new ArgumentOutOfRangeException(nameof(ties), ties, "ties is Previous, Zero or Hash.");
        Guard.Length(zeros.Length, signs.Length, nameof(zeros));
        Guard.Length(counts.Positive.Length, (long)counts.PositivePlanes * signs.Length, "positive");
        Guard.Length(counts.Abstentions.Length, (long)counts.AbstentionPlanes * signs.Length, "abstentions");
        if (ties == TieRule.Previous)
            Guard.Length(context.Previous.Length, signs.Length, "previous");
        if (signs.IsEmpty)
            return false;

        var job = new Job
        {
            Counts = ref MemoryMarshal.GetReference(counts.Positive),
            Abstentions = ref MemoryMarshal.GetReference(counts.Abstentions),
            Previous = ref MemoryMarshal.GetReference(context.Previous),
            Signs = ref MemoryMarshal.GetReference(signs),
            Zeros = ref MemoryMarshal.GetReference(zeros),
            Words = (nuint)signs.Length,
            CountPlanes = counts.PositivePlanes,
            AbstentionPlanes = counts.AbstentionPlanes,
            Voters = counts.Voters,
            Ties = ties,
            TieHashStart = TieHash.Key(context.Step) + ((ulong)context.FirstWord * TieHash.Increment),
            TailMask = context.TailMask,
        };
        var any = false;
        nuint done = width switch
        {
            VectorWidth.Bits512 => Run<Words512, Vector512<ulong>>(ref job, 0, job.Words - 1, ref any),
            VectorWidth.Bits256 => Run<Words256, Vector256<ulong>>(ref job, 0, job.Words - 1, ref any),
            VectorWidth.Bits128 => Run<Words128, Vector128<ulong>>(ref job, 0, job.Words - 1, ref any),
            _ => 0,
        };
        Run<Words64, ulong>(ref job, done, job.Words, ref any);
        return any;
    }

    // The last word goes to the scalar kernel only, because it alone is masked.
    static nuint Run<TLanes, TVector>(ref Job job, nuint i, nuint end, ref bool any)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        // Locals, because the stores below might otherwise change what the fields say.
        ref var counts = ref job.Counts;
        ref var abstentions = ref job.Abstentions;
        ref var previous = ref job.Previous;
        ref var signs = ref job.Signs;
        ref var zeros = ref job.Zeros;
        var words = job.Words;
        int countPlanes = job.CountPlanes, abstentionPlanes = job.AbstentionPlanes;
        var voters = (uint)job.Voters;
        var ties = job.Ties;
        var hashes = job.TieHashStart;
        var anyZero = default(TVector);
        for (; i + (nuint)TLanes.Count <= end; i += (nuint)TLanes.Count)
        {
            TVector more, equal, unanimous;
            if (abstentionPlanes == 0)
            {
                Compare<TLanes, TVector>(ref counts, countPlanes, words, voters, i, out more, out equal);
                unanimous = TLanes.Create(voters == 0 ? ulong.MaxValue : 0);
            }
            else
            {
                Compare<TLanes, TVector>(
                    ref counts, countPlanes, ref abstentions, abstentionPlanes, words, voters, i,
                    out more, out equal, out unanimous);
            }

            var zero = TLanes.And(equal, unanimous);
            var tie = TLanes.And(equal, TLanes.Not(unanimous));
            var sign = more;
            if (ties == TieRule.Previous)
                sign = TLanes.Or(more, TLanes.And(tie, TLanes.Load(ref previous, i)));
            else if (ties == TieRule.Zero)
                zero = equal;
            else if (TLanes.Any(tie))
                sign = TLanes.Or(more, TLanes.And(tie, TieHashes<TLanes, TVector>(hashes, i)));

            if (TLanes.Count == 1 && i == words - 1)
            {
                var mask = TLanes.Create(job.TailMask);
                sign = TLanes.And(sign, mask);
                zero = TLanes.And(zero, mask);
            }

            anyZero = TLanes.Or(anyZero, zero);
            TLanes.Store(sign, ref signs, i);
            TLanes.Store(zero, ref zeros, i);
        }

        any |= TLanes.Any(anyZero);
        return i;
    }

    // Without abstentions 2p is compared with V, which is p with V/2; an odd V has no ties.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Compare<TLanes, TVector>(
        ref ulong counts, int planes, nuint words, uint voters, nuint at, out TVector more, out TVector equal)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        var half = voters >> 1;
        TVector above = default, same = TLanes.Create(ulong.MaxValue);
        for (var plane = 0; plane < planes; plane++, at += words, half >>= 1)
            Step<TLanes, TVector>(TLanes.Load(ref counts, at), half, ref above, ref same);

        // What is left of V/2 is beyond every count.
        more = half == 0 ? above : default;
        equal = half == 0 && (voters & 1) == 0 ? same : default;
    }

    // With abstentions 2p + a is added plane by plane, lowest first, and compared with V as it appears.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Compare<TLanes, TVector>(
        ref ulong counts, int countPlanes, ref ulong abstentions, int abstentionPlanes, nuint words, uint voters, nuint at,
        out TVector more, out TVector equal, out TVector unanimous)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        TVector above = default, same = TLanes.Create(ulong.MaxValue), all = same;
        TVector carry = default, doubled = default;
        var sums = Math.Max(countPlanes + 1, abstentionPlanes);
        for (var plane = 0; plane < sums; plane++, at += words, voters >>= 1)
        {
            var sum = TLanes.Xor(doubled, carry);
            if (plane < abstentionPlanes)
            {
                var a = TLanes.Load(ref abstentions, at);
                all = TLanes.And(all, Same<TLanes, TVector>(a, voters));
                carry = TLanes.Or(TLanes.And(doubled, carry), TLanes.And(sum, a));
                sum = TLanes.Xor(sum, a);
            }
            else
            {
                carry = TLanes.And(doubled, carry);
                all = (voters & 1) != 0 ? default : all;
            }

            // 2p: each plane of p is one plane higher in the sum.
            doubled = plane < countPlanes ? TLanes.Load(ref counts, at) : default;
            Step<TLanes, TVector>(sum, voters, ref above, ref same);
        }

        Step<TLanes, TVector>(carry, voters, ref above, ref same);
        more = voters >> 1 == 0 ? above : default;
        equal = voters >> 1 == 0 ? same : default;
        unanimous = voters == 0 ? all : default;
    }

    // One plane of a comparison with a constant: a higher plane overrules all lower ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Step<TLanes, TVector>(TVector bits, uint target, ref TVector more, ref TVector equal)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        if ((target & 1) != 0)
        {
            more = TLanes.And(more, bits);
            equal = TLanes.And(equal, bits);
        }
        else
        {
            more = TLanes.Or(more, bits);
            equal = TLanes.And(equal, TLanes.Not(bits));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Same<TLanes, TVector>(TVector bits, uint target)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct =>
        (target & 1) != 0 ? bits : TLanes.Not(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector TieHashes<TLanes, TVector>(ulong start, nuint i)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        var z = TLanes.Ramp(start + (i * TieHash.Increment), TieHash.Increment);
        z = TLanes.Multiply(TLanes.Xor(z, TLanes.ShiftRight(z, TieHash.Shift)), TLanes.Create(TieHash.FirstFactor));
        z = TLanes.Multiply(TLanes.Xor(z, TLanes.ShiftRight(z, TieHash.Shift)), TLanes.Create(TieHash.SecondFactor));
        return TLanes.Xor(z, TLanes.ShiftRight(z, TieHash.Shift));
    }

    ref struct Job
    {
        public ref ulong Counts;
        public ref ulong Abstentions;
        public ref ulong Previous;
        public ref ulong Signs;
        public ref ulong Zeros;
        public nuint Words;
        public int CountPlanes;
        public int AbstentionPlanes;
        public int Voters;
        public TieRule Ties;
        public ulong TieHashStart;
        public ulong TailMask;
    }
}
