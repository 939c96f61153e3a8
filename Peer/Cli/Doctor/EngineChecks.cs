using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Models;
using DecentralizedLion.Topology.Diagnostics;
using TorchSharp;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>The two engines: libtorch and ZeroMQ, as this process loaded them.</summary>
static class EngineChecks
{
    const int Size = 512, Rounds = 5;

    /// <summary>libtorch's version, what multiplies its matrices, and the device that was asked for.</summary>
    public static CheckResult Libtorch(string device, TimeProvider time)
    {
        const string check = "libtorch";
        try
        {
            var library = TorchLibrary.Loaded();
            if (TorchLibrary.Files() is { Count: > 1 } several)
                return CheckResult.Failed(
                    check, $"loaded more than once: {string.Join(", ", several)}", $"unset {TorchLibrary.Variable}");
            using var scope = torch.NewDisposeScope();
            var speed = Multiply(torch.CPU, time);
            var devices = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{Origin(library)}, {Blas(library.Blas, Modules())}: {speed:0} GFLOP/s, {Threads(torch.get_num_threads())}; "
                + $"{Devices(devices)}");
            if (!library.IsRight)
                return CheckResult.Failed(
                    check, $"{text}; TorchSharp was built for {TorchLibrary.BuiltFor}", "build again from a clean checkout");
            if (device != "cpu")
            {
                if (devices == 0)
                    return CheckResult.Failed(
                        check, $"{text}; --device {device} needs one",
                        "use a libtorch with CUDA (build with -p:Torch=cuda, or LIBTORCH=torch/lib of a PyTorch wheel) and look "
                        + "at the driver, or leave --device out");
                var wanted = torch.device(device); // which fails where there is none
                if (Math.Max(0, wanted.index) >= devices)
                    return CheckResult.Failed(check, $"{text}; --device {device} is none of them",
                        $"use cuda:0 to cuda:{devices - 1}");
                text += string.Create(CultureInfo.InvariantCulture, $"; {device} does {Multiply(wanted, time):0} GFLOP/s");
            }
            return CheckResult.Ok(check, text);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException
            or NotSupportedException or System.Runtime.InteropServices.ExternalException or InvalidOperationException
            or TorchLibraryException)
        {
            return CheckResult.Failed(
                check, $"does not work: {e.GetBaseException().Message}", "build again: dotnet restore brings it");
        }
    }

    /// <summary>NetMQ's version, and whether a TLS 1.3 handshake with a key of the kind that peers have works here.</summary>
    /// <param name="secure">Whether the roster needs it.</param>
    public static CheckResult ZeroMq(bool secure)
    {
        const string check = "links";
        var text = ZeroMqCheck.Name;
        return ZeroMqCheck.TlsError() is { } error
            ? new CheckResult(check, secure ? CheckStatus.Failed : CheckStatus.Warning, $"{text}; TLS 1.3 does not work: {error}",
                "encrypted links need OpenSSL 1.1.1 or newer (on Linux: libssl3 of the system)")
            : CheckResult.Ok(check, $"{text}; encryption (TLS 1.3) works");
    }

    /// <summary>The library's version, and which file it is.</summary>
    static string Origin(TorchLibrary library)
    {
        var version = library.Version?.ToString() ?? $"{TorchLibrary.BuiltFor} (by its package)";
        return Environment.GetEnvironmentVariable(TorchLibrary.Variable) is { Length: > 0 }
            ? $"{version} of {TorchLibrary.Variable} ({library.File})"
            : $"{version}, bundled ({library.File})";
    }

    /// <summary>The library that multiplies matrices: by libtorch's own account, else by the files that are loaded.</summary>
    internal static string Blas(string? account, IReadOnlyList<string> modules)
    {
        (string Part, string Name)[] known = [("openblas", "OpenBLAS"), ("mkl", "MKL"), ("blis", "BLIS"), ("atlas", "ATLAS")];
        foreach (var (part, name) in known)
            if (account == part || (account == "open" && part == "openblas"))
                return name;
        foreach (var (part, name) in known)
            if (modules.Any(module => module.Contains(part, StringComparison.OrdinalIgnoreCase)))
                return name;
        return "a BLAS of its own";
    }

    static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";

    static string Devices(int count) =>
        count switch { 0 => "no CUDA device", 1 => "1 CUDA device", _ => $"{count} CUDA devices" };

    static string[] Modules()
    {
        using var process = Process.GetCurrentProcess();
        return [.. process.Modules.Cast<ProcessModule>().Select(module => module.FileName ?? "").Where(name => name.Length > 0)];
    }

    /// <summary>Billions of operations a second in multiplying two square matrices, the best of some rounds.</summary>
    static double Multiply(torch.Device device, TimeProvider time)
    {
        using var a = torch.ones([Size, Size], device: device);
        var best = double.PositiveInfinity;
        for (var round = 0; round < Rounds; round++)
        {
            var start = time.GetTimestamp();
            using var product = torch.matmul(a, a);
            using var sum = product.sum();
            _ = sum.item<float>(); // waits for a GPU
            best = Math.Min(best, time.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * Size * Size * Size / best / 1e9;
    }
}
