using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Bits.Simd;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>
/// The update by the mean of the votes (docs/architecture.md#equal-bits): the step is lr·(2p + a − V)/V, looked up in a
/// table made once per step. Without abstentions the counts p themselves are what is looked up, in Width(V) planes; with
/// abstentions it is the sums 2p + a, in Width(2V) planes.
/// </summary>
static class AverageKernel
{
    /// <summary>The entries of the table: V + 1 for counts p, 2V + 1 for sums 2p + a.</summary>
    /// <param name="voters">V, at least 1.</param>
    /// <param name="sums">True for sums 2p + a.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no voters.</exception>
    public static int TableLength(int voters, bool sums)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(voters);
        return checked((sums ? 2 * voters : voters) + 1);
    }

    /// <summary>
    /// table[count] = (lr·k)/V with k = 2·count − V for counts p and k = count − V for sums: two fp32 roundings.
    /// </summary>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="voters">V, at least 1.</param>
    /// <param name="sums">True for sums 2p + a.</param>
    /// <param name="table">Receives <see cref="TableLength"/> entries.</param>
    /// <exception cref="ArgumentException">The table has another length.</exception>
    public static void FillTable(float learningRate, int voters, bool sums, Span<float> table)
    {
        Guard.Length(table.Length, TableLength(voters, sums), nameof(table));
        for (var count = 0; count < table.Length; count++)
            table[count] = learningRate * ((sums ? count : 2 * count) - voters) / voters;
    }

    /// <summary>Packs the sums 2p + a of a range of n words. A carry out of the last plane is lost.</summary>
    /// <param name="counts">The positive votes p: countPlanes · n words.</param>
    /// <param name="countPlanes">The planes of <paramref name="counts"/>.</param>
    /// <param name="abstentions">The abstentions a: abstentionPlanes · n words.</param>
    /// <param name="abstentionPlanes">The planes of <paramref name="abstentions"/>.</param>
    /// <param name="sums">Receives the sums: sumPlanes · n words; may not overlap the counts.</param>
    /// <param name="sumPlanes">Width(2V) planes; more than the counts have, and no fewer than the abstentions have.</param>
    /// <exception cref="ArgumentException">A span is not as long as its planes say.</exception>
    public static void Pack(
        ReadOnlySpan<ulong> counts, int countPlanes, ReadOnlySpan<ulong> abstentions, int abstentionPlanes,
        Span<ulong> sums, int sumPlanes)
    {
        Guard.Planes(sumPlanes, nameof(sumPlanes));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sumPlanes, countPlanes);
        var words = sums.Length / sumPlanes;
        Guard.Length(counts.Length, (long)countPlanes * words, nameof(counts));
        // Doubling is a move by one plane.
        sums[..words].Clear();
        counts.CopyTo(sums[words..]);
        sums[(words * (countPlanes + 1))..].Clear();
        CountPlanes.Merge(sums, sumPlanes, abstentions, abstentionPlanes, sums, sumPlanes);
    }

    /// <summary>The table as <see cref="FillTable"/> makes it: at most 7,681 entries, once a step.</summary>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="voters">V, at least 1.</param>
    /// <param name="sums">True for sums 2p + a.</param>
    public static float[] Table(float learningRate, int voters, bool sums)
    {
        var table = new float[TableLength(voters, sums)];
        FillTable(learningRate, voters, sums, table);
        return table;
    }

    /// <summary>x ← x·decay, then x ← x − table[count]: two roundings.</summary>
    /// <param name="weights">x, d values, updated in place.</param>
    /// <param name="counts">The counts or sums: planes · ⌈d/64⌉ words.</param>
    /// <param name="planes">The planes of <paramref name="counts"/>, at most 13.</param>
    /// <param name="table">The step of each count. A count beyond the table takes no step: bounds are the
    /// caller's to check.</param>
    /// <param name="decay">1 − lr·λ, rounded by the caller.</param>
    /// <exception cref="ArgumentException">A span's length does not match the weights'.</exception>
    public static void Apply(
        Span<float> weights, ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<float> table, float decay) =>
        Apply(weights, counts, planes, table, decay, VectorWidths.Widest);

    internal static void Apply(
        Span<float> weights, ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<float> table, float decay,
        VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(planes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(planes, 13);
        var words = BitPlanes.Words(weights.Length);
        Guard.Length(counts.Length, (long)planes * words, nameof(counts));
        // Every index that the planes can make has an entry, so that no count can reach beyond it.
        Span<float> steps = stackalloc float[1 << planes];
        steps.Clear();
        table[..Math.Min(table.Length, steps.Length)].CopyTo(steps);
        switch (width)
        {
            case VectorWidth.Bits512:
                Apply<Floats512, Vector512<float>>(weights, counts, planes, steps, decay);
                break;
            case VectorWidth.Bits256:
                Apply<Floats256, Vector256<float>>(weights, counts, planes, steps, decay);
                break;
            case VectorWidth.Bits128:
                Apply<Floats128, Vector128<float>>(weights, counts, planes, steps, decay);
                break;
            default:
                Apply<Floats32, float>(weights, counts, planes, steps, decay);
                break;
        }
    }

    static void Apply<TLanes, TVector>(
        Span<float> weights, ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<float> steps, float decay)
        where TLanes : struct, IFloatLanes<TVector>
        where TVector : struct
    {
        var words = BitPlanes.Words(weights.Length);
        ref var x = ref MemoryMarshal.GetReference(weights);
        ref var planeWords = ref MemoryMarshal.GetReference(counts);
        ref var entries = ref MemoryMarshal.GetReference(steps);
        var scale = TLanes.Create(decay);
        Span<float> looked = stackalloc float[BitPlanes.BitsPerWord];
        ref var step = ref MemoryMarshal.GetReference(looked);
        var indices = MemoryMarshal.Cast<float, int>(looked);
        for (var word = 0; word < words; word++)
        {
            var first = word * BitPlanes.BitsPerWord;
            Transpose<TLanes, TVector>(ref Unsafe.Add(ref planeWords, word), words, planes, ref step);
            for (var i = 0; i < BitPlanes.BitsPerWord; i++)
                looked[i] = Unsafe.Add(ref entries, (nuint)(uint)(indices[i] & (steps.Length - 1)));
            var here = Math.Min(BitPlanes.BitsPerWord, weights.Length - first);
            var lane = 0;
            for (; lane + TLanes.Count <= here; lane += TLanes.Count)
            {
                var value = TLanes.Multiply(TLanes.Load(ref x, (nuint)(first + lane)), scale);
                TLanes.Store(TLanes.Subtract(value, TLanes.Load(ref step, (nuint)lane)), ref x, (nuint)(first + lane));
            }

            for (; lane < here; lane++)
                weights[first + lane] = (weights[first + lane] * decay) - looked[lane];
        }
    }

    // Leaves count + 2^23 for each of 64 parameters: such a float's lowest bits are the count itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose<TLanes, TVector>(ref ulong planeWords, int words, int planes, ref float counts)
        where TLanes : struct, IFloatLanes<TVector>
        where TVector : struct
    {
        for (var shift = 0; shift < BitPlanes.BitsPerWord; shift += TLanes.Count)
        {
            var count = TLanes.Create(1 << 23);
            for (var plane = 0; plane < planes; plane++)
            {
                var bits = Unsafe.Add(ref planeWords, (nuint)plane * (nuint)words) >> shift;
                count = TLanes.Add(count, TLanes.Select(bits, TLanes.Create(1 << plane), default));
            }

            TLanes.Store(count, ref counts, (nuint)shift);
        }
    }
}
