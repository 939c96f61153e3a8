using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Models.Networks;

namespace DecentralizedLion.Models.Tests.Networks;

public sealed class PythonTests
{
    [PythonFact("torch")]
    public void The_vit_has_the_loss_and_the_gradient_that_PyTorch_computes()
    {
        var settings = new VitSettings(Patch: 4, Width: 24, Depth: 2, Heads: 3);
        using var model = Cases.Model(settings, [3, 16, 16], 10);
        var random = new Random(4);
        foreach (ref float x in model.Weights)
            x += 0.05f * (random.NextSingle() - 0.5f);
        var batch = Cases.Batch([3, 16, 16], 10, 5, seed: 2);
        float loss = model.Backward(batch);

        var folder = Directory.CreateTempSubdirectory("vit");
        try
        {
            Write("settings.txt", "5 3 16 4 24 2 3 10"u8);
            Write("weights.f32", MemoryMarshal.AsBytes(model.Weights));
            Write("images.f32", MemoryMarshal.AsBytes<float>(batch.Images));
            Write("targets.i64", MemoryMarshal.AsBytes<long>(batch.Targets));
            File.WriteAllLines(
                Path.Combine(folder.FullName, "layout.txt"),
                model.Layout.Select(s => $"{s.Name} {s.Offset} {string.Join(' ', s.Shape)}"));
            string script = Path.Combine(AppContext.BaseDirectory, "Networks", "vit_reference.py");
            Assert.Equal(0, Run(script, folder.FullName));

            float expected = float.Parse(Read("loss.txt"), CultureInfo.InvariantCulture);
            Assert.Equal(expected, loss, 1e-5f);
            var gradient = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder.FullName, "gradient.f32")));
            Assert.Equal(model.Count, gradient.Length);
            for (int i = 0; i < model.Count; i++)
                Assert.True(Math.Abs(gradient[i] - model.Gradient[i]) < 2e-5f,
                    $"{i}: {model.Gradient[i]} here, {gradient[i]} there");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Write(string name, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Path.Combine(folder.FullName, name), bytes);
        string Read(string name) => File.ReadAllText(Path.Combine(folder.FullName, name));
    }

    static int Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Requirement.PythonProgram, arguments) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
