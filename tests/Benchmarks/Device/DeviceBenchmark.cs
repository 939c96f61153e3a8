using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Models.Vectors;
using TorchSharp;

namespace DecentralizedLion.Benchmarks.Device;

/// <summary>
/// The parts of a step on flat vectors that lie on a device (docs/benchmarks.md#on-a-device): each part's time, the bytes that go
/// between the device and the host, and the temporary memory. Beside them what the same step costs with copied vectors.
/// </summary>
static class DeviceBenchmark
{
    public static void Run(Options options, TextWriter output)
    {
        var device = torch.device(options.Text("--device") ?? "cpu");
        var sizes = (options.Text("--millions") ?? "10,100").Split(',')
            .Select(text => checked((int)(1e6 * double.Parse(text, CultureInfo.InvariantCulture)))).ToArray();
        int rounds = options.Number("--rounds", 7), block = options.Number("--block", 0);
        options.Finish();
        output.WriteLine($"Flat vectors on {device}, {torch.get_num_threads()} threads of the host, load {Machine.Load}; "
            + $"medians of {rounds} rounds.");
        foreach (var parameters in sizes)
        {
            using var place = new DevicePlace(device, block);
            output.WriteLine();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{parameters / 1e6:0.#} M parameters, blocks of {place.Block / 1e6:0.##} M"));
            output.WriteLine();
            output.WriteLine("| part | ms | ns a parameter | bytes copied a parameter | temporary bytes a value of a block |");
            output.WriteLine("|--|--|--|--|--|");
            using var parts = new StepParts(place, parameters);
            foreach (var (name, action) in parts.All())
                Print(output, name, action, place, parameters, rounds);
        }
    }

    static void Print(TextWriter output, string name, Action action, DevicePlace place, int parameters, int rounds)
    {
        var copied = place.CopiedBytes;
        action();
        Wait(place);
        copied = place.CopiedBytes - copied;
        var temporary = PeakMemory.Of(action);
        var seconds = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            Wait(place);
            seconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(seconds);
        var median = seconds[rounds / 2];
        // On another device the allocator is that device's; what it needs there is bounded by the operations.
        var memory = !place.IsOnHost || temporary is not { } bytes ? "–"
            : Number((double)bytes / Math.Min(place.Block, parameters));
        output.WriteLine($"| {name} | {Number(1e3 * median)} | {Number(1e9 * median / parameters)} | "
            + $"{Number((double)copied / parameters)} | {memory} |");
    }

    static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    static void Wait(DevicePlace place)
    {
        if (place.Device.type == DeviceType.CUDA)
            torch.cuda.synchronize(place.Device);
    }
}
