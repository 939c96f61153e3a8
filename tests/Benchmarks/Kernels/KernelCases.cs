using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Benchmarks.Kernels;

/// <summary>The kernels of a training step, as a ring of three to eight peers calls them.</summary>
static class KernelCases
{
    public static IEnumerable<KernelCase> Make(int parameters)
    {
        var random = new Random(1);
        var words = BitPlanes.Words(parameters);
        var plane = 8L * words;
        var vector = 4L * parameters;
        yield return Vote(random, parameters, (3 * vector) + (2 * plane));
        yield return AllFinite(random, parameters, vector);
        foreach (var planes in new[] { 1, 2, 3 })
        {
            yield return Add(random, words, planes, planes, ((2 * planes) + 1) * plane);
            yield return Add(random, words, planes, planes + 1, ((2 * planes) + 2) * plane);
        }

        yield return Merge(random, words, 8 * plane);
        yield return Decide(random, words, "decide, 3 voters", 3, 0, TieRule.Previous, 4 * plane + plane);
        yield return Decide(random, words, "decide, 4 voters, previous", 4, 0, TieRule.Previous, 6 * plane);
        yield return Decide(random, words, "decide, 4 voters, zero", 4, 0, TieRule.Zero, 5 * plane);
        yield return Decide(random, words, "decide, 4 voters, hash", 4, 0, TieRule.Hash, 5 * plane);
        yield return Decide(random, words, "decide, 4 voters, abstentions", 4, 3, TieRule.Previous, 9 * plane);
        yield return Apply(random, parameters, zeros: false, (2 * vector) + plane);
        yield return Apply(random, parameters, zeros: true, (2 * vector) + (2 * plane));
        yield return Average(random, parameters, (2 * vector) + (3 * plane));
        yield return Checksum(random, words, plane);
    }

    static KernelCase Vote(Random random, int parameters, long bytes)
    {
        float[] g = Floats(random, parameters), m = Floats(random, parameters);
        var ballot = new Ballot(parameters);
        return new("vote", bytes, width => LionKernel.Vote(g, m, 0.9f, 0.99f, ballot.Signs, ballot.Zeros, width));
    }

    static KernelCase AllFinite(Random random, int parameters, long bytes)
    {
        var g = Floats(random, parameters);
        return new("all finite (reads only)", bytes, width => LionKernel.AllFinite(g, width));
    }

    static KernelCase Add(Random random, int words, int planes, int resultPlanes, long bytes)
    {
        ulong[] counts = Words(random, words * resultPlanes), ballot = Words(random, words);
        return new(
            $"add, {planes} → {resultPlanes} planes", bytes,
            width => CountPlanes.Add(counts.AsSpan(0, planes * words), planes, ballot, counts, resultPlanes, width));
    }

    static KernelCase Merge(Random random, int words, long bytes)
    {
        ulong[] a = Words(random, 2 * words), b = Words(random, 2 * words), sum = new ulong[3 * words];
        return new(
            "merge, 2 + 2 → 3 planes", bytes - (8L * words),
            width => CountPlanes.Merge(a, 2, b, 2, sum, 3, width));
    }

    static KernelCase Decide(
        Random random, int words, string name, int voters, int abstentionPlanes, TieRule ties, long bytes)
    {
        var planes = BitPlanes.Width(voters);
        ulong[] counts = Words(random, planes * words), abstentions = new ulong[abstentionPlanes * words];
        ulong[] previous = Words(random, words), signs = new ulong[words], zeros = new ulong[words];
        return new(
            name, bytes,
            width => MajorityKernel.Decide(
                new VoteCounts(counts, planes, abstentions, abstentionPlanes, voters), ties,
                new RangeContext(step: 1, firstWord: 0, tailMask: ulong.MaxValue, previous), signs, zeros, width));
    }

    static KernelCase Apply(Random random, int parameters, bool zeros, long bytes)
    {
        var weights = Floats(random, parameters);
        var words = BitPlanes.Words(parameters);
        ulong[] signs = Words(random, words), none = zeros ? Words(random, words) : [];
        // No decay, so that the weights neither shrink to subnormals nor grow over the repetitions.
        return new(
            zeros ? "apply with a zero plane" : "apply", bytes,
            width => LionKernel.Apply(weights, signs, none, 1e-9f, 1f, width));
    }

    static KernelCase Average(Random random, int parameters, long bytes)
    {
        var weights = Floats(random, parameters);
        var counts = Words(random, 3 * BitPlanes.Words(parameters));
        var table = new float[AverageKernel.TableLength(4, sums: false)];
        AverageKernel.FillTable(1e-9f, 4, sums: false, table);
        return new(
            "apply an average, 3 planes", bytes, width => AverageKernel.Apply(weights, counts, 3, table, 1f, width));
    }

    static KernelCase Checksum(Random random, int words, long bytes)
    {
        var data = new byte[8L * words];
        random.NextBytes(data);
        return new("CRC-32C (reads only)", bytes, _ => Crc32C.Of(data), HasWidths: false);
    }

    static float[] Floats(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = random.NextSingle() - 0.5f;
        return values;
    }

    static ulong[] Words(Random random, int count)
    {
        var words = new ulong[count];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }
}
