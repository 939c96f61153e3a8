using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DecentralizedLion.Codecs.Simd;

namespace DecentralizedLion.Codecs;

/// <summary>
/// The decision over complete counts: sign(2p + a − V) for p positive votes, a abstentions and V voters, as a bit-sliced
/// comparison (design §5).
/// </summary>
public static class Majority
{
    /// <summary>
    /// Decides a range of n words. A tie goes by the rule; where every voter abstains (a = V, and always when V = 0) the
    /// verdict is zero under every rule.
    /// </summary>
    /// <param name="counts">The positive votes: countPlanes · n words.</param>
    /// <param name="countPlanes">The planes of <paramref name="counts"/>.</param>
    /// <param name="abstentions">The exact zeros: abstentionPlanes · n words.</param>
    /// <param name="abstentionPlanes">The planes of <paramref name="abstentions"/>; 0 where nobody abstained.</param>
    /// <param name="voters">V, the ballots inside.</param>
    /// <param name="ties">The tie rule.</param>
    /// <param name="previous">The signs of the previous verdict, n words; read under <see cref="TieRule.Previous"/> only.</param>
    /// <param name="step">The step, for <see cref="TieRule.Hash"/>.</param>
    /// <param name="firstWord">The range's first word in the whole vector, for <see cref="TieRule.Hash"/>.</param>
    /// <param name="tailMask">The valid bits of the range's last word: all ones inside the vector.</param>
    /// <param name="signs">Receives 1 where the verdict is +1: n words, which gives n. May be the memory of
    /// <paramref name="previous"/>, or begin at that of <paramref name="counts"/>.</param>
    /// <param name="zeros">Receives 1 where the verdict is 0 (the sign bit is then 0): n words.</param>
    /// <returns>Whether any verdict of the range is zero.</returns>
    /// <exception cref="ArgumentException">A span is not as long as n and its planes say.</exception>
    public static bool Decide(
        ReadOnlySpan<ulong> counts, int countPlanes, ReadOnlySpan<ulong> abstentions, int abstentionPlanes, int voters,
        TieRule ties, ReadOnlySpan<ulong> previous, long step, int firstWord, ulong tailMask,
        Span<ulong> signs, Span<ulong> zeros) =>
        Decide(
            counts, countPlanes, abstentions, abstentionPlanes, voters, ties, previous, step, firstWord, tailMask,
            signs, zeros, VectorWidths.Widest);

    internal static bool Decide(
        ReadOnlySpan<ulong> counts, int countPlanes, ReadOnlySpan<ulong> abstentions, int abstentionPlanes, int voters,
        TieRule ties, ReadOnlySpan<ulong> previous, long step, int firstWord, ulong tailMask,
        Span<ulong> signs, Span<ulong> zeros, VectorWidth width)
    {
        Expect.Planes(countPlanes, nameof(countPlanes));
        Expect.Planes(abstentionPlanes, nameof(abstentionPlanes));
        ArgumentOutOfRangeException.ThrowIfNegative(voters);
        ArgumentOutOfRangeException.ThrowIfNegative(firstWord);
        if (ties is < TieRule.Previous or > TieRule.Hash)
            throw new ArgumentOutOfRangeException(nameof(ties), ties, "ties is Previous, Zero or Hash.");
        Expect.Length(zeros.Length, signs.Length, nameof(zeros));
        Expect.Length(counts.Length, (long)countPlanes * signs.Length, nameof(counts));
        Expect.Length(abstentions.Length, (long)abstentionPlanes * signs.Length, nameof(abstentions));
        if (ties == TieRule.Previous)
            Expect.Length(previous.Length, signs.Length, nameof(previous));
        if (signs.IsEmpty)
            return false;

        var task = new Task
        {
            Counts = ref MemoryMarshal.GetReference(counts),
            Abstentions = ref MemoryMarshal.GetReference(abstentions),
            Previous = ref MemoryMarshal.GetReference(previous),
            Signs = ref MemoryMarshal.GetReference(signs),
            Zeros = ref MemoryMarshal.GetReference(zeros),
            Words = (nuint)signs.Length,
            CountPlanes = countPlanes,
            AbstentionPlanes = abstentionPlanes,
            Voters = voters,
            Ties = ties,
            CoinStart = Coin.Key(step) + ((ulong)firstWord * Coin.Increment),
            TailMask = tailMask,
        };
        var any = false;
        nuint done = width switch
        {
            VectorWidth.Bits512 => Run<Words512, Vector512<ulong>>(ref task, 0, task.Words - 1, ref any),
            VectorWidth.Bits256 => Run<Words256, Vector256<ulong>>(ref task, 0, task.Words - 1, ref any),
            VectorWidth.Bits128 => Run<Words128, Vector128<ulong>>(ref task, 0, task.Words - 1, ref any),
            _ => 0,
        };
        Run<Words64, ulong>(ref task, done, task.Words, ref any);
        return any;
    }

    // The last word goes to the scalar kernel only, because it alone is masked.
    private static nuint Run<TLanes, TVector>(ref Task task, nuint i, nuint end, ref bool any)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        var anyZero = default(TVector);
        for (; i + (nuint)TLanes.Count <= end; i += (nuint)TLanes.Count)
        {
            TVector more, equal, unanimous = default;
            if (task.AbstentionPlanes == 0)
                Compare<TLanes, TVector>(ref task, i, out more, out equal);
            else
                Compare<TLanes, TVector>(ref task, i, out more, out equal, out unanimous);

            if (task.Voters == 0)
                unanimous = TLanes.Create(ulong.MaxValue);
            var zero = TLanes.And(equal, unanimous);
            var tie = TLanes.And(equal, TLanes.Not(unanimous));
            var sign = more;
            switch (task.Ties)
            {
                case TieRule.Previous:
                    sign = TLanes.Or(more, TLanes.And(tie, TLanes.Load(ref task.Previous, i)));
                    break;
                case TieRule.Zero:
                    zero = equal;
                    break;
                default:
                    if (TLanes.Any(tie))
                        sign = TLanes.Or(more, TLanes.And(tie, Coins<TLanes, TVector>(task.CoinStart, i)));
                    break;
            }

            if (TLanes.Count == 1 && i == task.Words - 1)
            {
                var mask = TLanes.Create(task.TailMask);
                sign = TLanes.And(sign, mask);
                zero = TLanes.And(zero, mask);
            }

            anyZero = TLanes.Or(anyZero, zero);
            TLanes.Store(sign, ref task.Signs, i);
            TLanes.Store(zero, ref task.Zeros, i);
        }

        any |= TLanes.Any(anyZero);
        return i;
    }

    // Without abstentions 2p is compared with V, which is p with V/2; an odd V has no ties.
    private static void Compare<TLanes, TVector>(ref Task task, nuint i, out TVector more, out TVector equal)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        var half = (uint)task.Voters >> 1;
        more = default;
        equal = TLanes.Create((half >> task.CountPlanes) == 0 ? ulong.MaxValue : 0);
        var at = i;
        for (var plane = 0; plane < task.CountPlanes; plane++, at += task.Words)
            Step<TLanes, TVector>(TLanes.Load(ref task.Counts, at), half >> plane, ref more, ref equal);

        if ((half >> task.CountPlanes) != 0)
            more = default;
        if ((task.Voters & 1) != 0)
            equal = default;
    }

    // With abstentions 2p + a is added plane by plane, lowest first, and compared with V as it appears.
    private static void Compare<TLanes, TVector>(
        ref Task task, nuint i, out TVector more, out TVector equal, out TVector unanimous)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        var voters = (uint)task.Voters;
        more = default;
        equal = TLanes.Create(ulong.MaxValue);
        unanimous = TLanes.Create((voters >> task.AbstentionPlanes) == 0 ? ulong.MaxValue : 0);
        var carry = default(TVector);
        var planes = Math.Max(Math.Max(task.CountPlanes + 1, task.AbstentionPlanes) + 1, BitPlanes.Width(task.Voters));
        var at = i;
        for (var plane = 0; plane < planes; plane++, at += task.Words)
        {
            var target = plane < 32 ? voters >> plane : 0;
            var p = plane > 0 && plane <= task.CountPlanes ? TLanes.Load(ref task.Counts, at - task.Words) : default;
            var sum = TLanes.Xor(p, carry);
            if (plane < task.AbstentionPlanes)
            {
                var a = TLanes.Load(ref task.Abstentions, at);
                unanimous = TLanes.And(unanimous, Same<TLanes, TVector>(a, target));
                carry = TLanes.Or(TLanes.And(p, carry), TLanes.And(sum, a));
                sum = TLanes.Xor(sum, a);
            }
            else
            {
                carry = TLanes.And(p, carry);
            }

            Step<TLanes, TVector>(sum, target, ref more, ref equal);
        }
    }

    // One plane of a comparison with a constant: a higher plane overrules all lower ones.
    private static void Step<TLanes, TVector>(TVector bits, uint target, ref TVector more, ref TVector equal)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        more = (target & 1) != 0 ? TLanes.And(more, bits) : TLanes.Or(more, bits);
        equal = TLanes.And(equal, Same<TLanes, TVector>(bits, target));
    }

    private static TVector Same<TLanes, TVector>(TVector bits, uint target)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct =>
        (target & 1) != 0 ? bits : TLanes.Not(bits);

    private static TVector Coins<TLanes, TVector>(ulong start, nuint i)
        where TLanes : struct, IWordLanes<TVector>
        where TVector : struct
    {
        var z = TLanes.Ramp(start + (i * Coin.Increment), Coin.Increment);
        z = TLanes.Multiply(TLanes.Xor(z, TLanes.ShiftRight(z, Coin.Shift)), TLanes.Create(Coin.FirstFactor));
        z = TLanes.Multiply(TLanes.Xor(z, TLanes.ShiftRight(z, Coin.Shift)), TLanes.Create(Coin.SecondFactor));
        return TLanes.Xor(z, TLanes.ShiftRight(z, Coin.Shift));
    }

    private ref struct Task
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
        public ulong CoinStart;
        public ulong TailMask;
    }
}
