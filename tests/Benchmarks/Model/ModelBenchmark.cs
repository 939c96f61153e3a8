using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Model;

/// <summary>Forward + backward of a ViT and of a GPT here and in the Python that is at hand, step by step in turn.</summary>
public static class ModelBenchmark
{
    const int Steps = 15, WarmUp = 3;

    static readonly ModelCase[] cases = [ModelCase.Vit, ModelCase.Gpt];

    public static void Run(TextWriter output)
    {
        var library = TorchLibrary.Loaded();
        output.WriteLine($"forward + backward on the CPU, medians of {Steps}; load {Machine.Load} before");
        output.WriteLine($"C# on libtorch {library.Version}, BLAS {library.Blas}");
        output.WriteLine("ratio   of CPU time   model   threads   C# s/step   Python s/step   C# CPU s   Python CPU s   "
            + "PyTorch of Python, BLAS   parameters");
        foreach (var one in cases)
        {
            foreach (int threads in new[] { 1, 2 })
                Compare(one, threads, output);
        }

        Split(output);
        output.WriteLine($"load {Machine.Load} after");
    }

    static void Compare(ModelCase one, int threads, TextWriter output)
    {
        set_num_threads(threads);
        using var model = one.Model();
        var batch = one.Draw();
        using var python = StartPython(one, threads);
        string[]? hello = python?.StandardOutput.ReadLine()?.Split(' ');
        if (python is null || hello is null)
        {
            output.WriteLine("no python3 with torch here: nothing to compare with (Debian: python3-torch libopenblas0-pthread)");
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
            $"{c / p,5:F3}   {cc / pc,11:F3}   {one.Kind,5}   {threads,7}   {c,9:F4}   {p,13:F4}   {cc,8:F3}   {pc,12:F3}"
            + $"   {hello[0],8}, {hello[2],13}   {model.Count} / {hello[1]}"));
    }

    /// <summary>Measures the time that the flat vectors add to a step of the ViT, on one thread.</summary>
    static void Split(TextWriter output)
    {
        set_num_threads(1);
        using var model = cases[0].Model();
        using var flat = zeros(model.Count);
        using var other = zeros(model.Count);
        double zero = Median([.. Enumerable.Range(0, Steps).Select(_ => Seconds(() => flat.zero_()))]);
        double add = Median([.. Enumerable.Range(0, Steps).Select(_ => Seconds(() => flat.add_(other)))]);
        var part = cases[0].Draw();
        double upload = Median([.. Enumerable.Range(0, Steps).Select(_ => Seconds(() => Copied(part)))]);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"of a C# step: zero the flat gradient {zero * 1e3:F2} ms, add into it {add * 1e3:F2} ms, copy the batch in "
                + $"{upload * 1e3:F2} ms"));

        static void Copied(Batch batch)
        {
            using var pinned = tensor(batch.Images!, batch.InputShape);
            using var copy = pinned.clone();
        }
    }

    static Process? StartPython(ModelCase one, int threads)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Model", "model_step.py");
        var start = new ProcessStartInfo("/usr/bin/python3", $"\"{script}\" {one.Kind} {threads} {one.Batch} {one.Sizes}")
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
