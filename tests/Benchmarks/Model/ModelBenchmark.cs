using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Models;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Model;

/// <summary>Forward + backward of one ViT here and in Python on the same libtorch, step by step in turn.</summary>
public static class ModelBenchmark
{
    const int Batch = 32, Steps = 15, WarmUp = 3;

    static readonly VitSettings Settings = new(Patch: 4, Width: 192, Depth: 6, Heads: 6);

    public static void Run(TextWriter output)
    {
        output.WriteLine($"forward + backward, ViT of width {Settings.Width}, depth {Settings.Depth}, batch {Batch}, CPU, medians of {Steps}");
        output.WriteLine("ratio   of CPU time   threads   C# s/step   Python s/step   C# CPU s   Python CPU s   libtorch C# / Python   parameters");
        foreach (int threads in new[] { 1, 2 })
            Compare(threads, output);
        Split(output);
    }

    static void Compare(int threads, TextWriter output)
    {
        set_num_threads(threads);
        using var model = Model();
        var batch = Images();
        using var python = StartPython(threads);
        string[]? hello = python?.StandardOutput.ReadLine()?.Split(' ');
        if (python is null || hello is null)
        {
            output.WriteLine("no python3 with torch here: nothing to compare with");
            return;
        }

        // CPU time beside the clock's: on a busy machine it is the steadier of the two.
        var (ours, theirs) = (new List<double>(), new List<double>());
        var (ourCpu, theirCpu) = (new List<double>(), new List<double>());
        for (int step = 0; step < WarmUp + Steps; step++)
        {
            double cpu = CpuSeconds();
            double here = Seconds(() => model.Backward(batch));
            cpu = CpuSeconds() - cpu;
            python.StandardInput.WriteLine();
            python.StandardInput.Flush();
            string[] there = python.StandardOutput.ReadLine()!.Split(' ');
            if (step < WarmUp)
                continue;
            ours.Add(here);
            theirs.Add(double.Parse(there[0], CultureInfo.InvariantCulture));
            ourCpu.Add(cpu);
            theirCpu.Add(double.Parse(there[1], CultureInfo.InvariantCulture));
        }

        python.StandardInput.Close();
        python.WaitForExit();
        var (c, p, cc, pc) = (Median(ours), Median(theirs), Median(ourCpu), Median(theirCpu));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{c / p,5:F3}   {cc / pc,11:F3}   {threads,7}   {c,9:F4}   {p,13:F4}   {cc,8:F3}   {pc,12:F3}   {__version__} / {hello[0]}"
            + $"      {model.Count} / {hello[1]}"));
    }

    /// <summary>What the flat vectors add to a step, on one thread.</summary>
    static void Split(TextWriter output)
    {
        set_num_threads(1);
        using var model = Model();
        using var flat = zeros(model.Count);
        using var other = zeros(model.Count);
        double zero = Median([.. Enumerable.Range(0, Steps).Select(_ => Seconds(() => flat.zero_()))]);
        double add = Median([.. Enumerable.Range(0, Steps).Select(_ => Seconds(() => flat.add_(other)))]);
        var part = Images();
        double upload = Median([.. Enumerable.Range(0, Steps).Select(_ => Seconds(() => tensor(part.Images!, part.InputShape).Dispose()))]);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"of a C# step: zero the flat gradient {zero * 1e3:F2} ms, add into it {add * 1e3:F2} ms, copy the batch in {upload * 1e3:F2} ms"));
    }

    static FlatModel Model()
    {
        manual_seed(1);
        return new(Networks.Create(Settings, [3, 32, 32], 10), CPU);
    }

    static Batch Images()
    {
        var random = new Random(1);
        return new()
        {
            InputShape = [Batch, 3, 32, 32],
            Images = [.. Enumerable.Range(0, Batch * 3 * 32 * 32).Select(_ => (random.NextSingle() * 4) - 2)],
            Targets = [.. Enumerable.Range(0, Batch).Select(_ => random.NextInt64(10))],
        };
    }

    static Process? StartPython(int threads)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Model", "vit_step.py");
        string arguments = $"{threads} {Batch} {Settings.Width} {Settings.Depth} {Settings.Heads}";
        var start = new ProcessStartInfo("/usr/bin/python3", $"\"{script}\" {arguments}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // torch.set_num_threads does not reach an OpenBLAS with threads of its own.
        start.Environment["OPENBLAS_NUM_THREADS"] = $"{threads}";
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static double CpuSeconds()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
