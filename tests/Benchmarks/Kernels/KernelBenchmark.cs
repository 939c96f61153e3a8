using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using DecentralizedLion.Codecs.Bits.Simd;

namespace DecentralizedLion.Benchmarks.Kernels;

/// <summary>
/// Each kernel's bytes per second beside <see cref="Buffer.MemoryCopy(void*, void*, long, long)"/>'s
/// (docs/benchmarks.md#kernels), bytes read and bytes written both counted, and as the copy moves the same number of bytes in
/// the same repetitions. Ratios first.
/// </summary>
public static class KernelBenchmark
{
    const int Rounds = 9;

    // Enough work in one timing that the clock's grain and a timer interrupt do not matter.
    const double SecondsPerTiming = 0.02;

    static readonly VectorWidth[] Widths =
        [VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128, VectorWidth.Scalar];

    /// <summary>Prints one table for a model of 2.7 million parameters and one for 32 million.</summary>
    public static void Run(TextWriter output)
    {
        output.WriteLine(
            $"Kernels on one thread: bytes/s as a share of memcpy's with as many bytes; median of {Rounds} rounds.");
        output.WriteLine($"Vectors in hardware: 512 {Vector512.IsHardwareAccelerated}, 256 {Vector256.IsHardwareAccelerated}, "
            + $"128 {Vector128.IsHardwareAccelerated}; the kernels choose {VectorWidths.Widest}.");
        foreach (var parameters in new[] { 2_700_000, 32_000_000 })
        {
            output.WriteLine();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e6:0.#} M parameters"));
            output.WriteLine();
            output.WriteLine(
                "| kernel | of memcpy | GB/s | memcpy GB/s | ms | bytes a parameter | 512 bits | 256 | 128 | scalar |");
            output.WriteLine("|--|--|--|--|--|--|--|--|--|--|");
            foreach (var kernel in KernelCases.Make(parameters))
                Print(output, parameters, kernel);
        }
    }

    static void Print(TextWriter output, int parameters, KernelCase kernel)
    {
        var copy = new Copy(kernel.Bytes);
        var widths = kernel.HasWidths ? Widths : [VectorWidths.Widest];
        Action[] actions = [copy.Run, .. widths.Select<VectorWidth, Action>(width => () => kernel.Run(width))];
        var repeats = actions.Select(Calibrate).ToArray();
        var seconds = actions.Select(_ => new double[Rounds]).ToArray();
        // Turn by turn, so that a disturbance of the machine meets the copy as often as the kernels.
        for (var round = 0; round < Rounds; round++)
            for (var i = 0; i < actions.Length; i++)
                seconds[i][round] = Time(actions[i], repeats[i]);
        var medians = seconds.Select(Median).ToArray();
        // A ratio within each round first: both then ran on the same machine in the same mood.
        var ratios = seconds.Select(own => Median([.. own.Zip(seconds[0], (kernelTime, copyTime) => copyTime / kernelTime)]))
            .ToArray();
        var chosen = 1 + Array.IndexOf(widths, VectorWidths.Widest);
        var perWidth = Widths.Select(
            width => Array.IndexOf(widths, width) is >= 0 and var at && kernel.HasWidths ? Number(ratios[at + 1]) : "–");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kernel.Name} | **{ratios[chosen]:0.00}** | {kernel.Bytes / medians[chosen] / 1e9:0.0} | "
            + $"{kernel.Bytes / medians[0] / 1e9:0.0} | {medians[chosen] * 1e3:0.000} | "
            + $"{(double)kernel.Bytes / parameters:0.###} | {string.Join(" | ", perWidth)} |"));
    }

    static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    static int Calibrate(Action action)
    {
        // Runs long enough for the JIT to reach its last tier, too.
        var watch = Stopwatch.StartNew();
        var runs = 0;
        while (watch.Elapsed.TotalSeconds < 0.15 || runs < 40)
        {
            action();
            runs++;
        }

        return Math.Max(1, (int)(SecondsPerTiming / Time(action, 3)));
    }

    static double Time(Action action, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }

    static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>A copy that reads and writes as many bytes together as the kernel does.</summary>
    sealed class Copy(long bytes)
    {
        readonly byte[] source = Filled(bytes / 2);
        readonly byte[] target = Filled(bytes / 2);

        public unsafe void Run()
        {
            fixed (byte* from = source, to = target)
                Buffer.MemoryCopy(from, to, target.Length, source.Length);
        }

        // Touched, so that no timing pays for the first use of a page.
        static byte[] Filled(long bytes)
        {
            var array = new byte[bytes];
            array.AsSpan().Fill(1);
            return array;
        }
    }
}
