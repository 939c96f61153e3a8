using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace DecentralizedLion.Models;

/// <summary>The libtorch of this process.</summary>
/// <param name="File">The file of its CPU part, as the loader mapped it.</param>
/// <param name="Version">Its version by its own account, such as 2.10.0; null where it cannot be asked.</param>
/// <param name="Blas">The library that multiplies its matrices as it says, such as mkl; null where it is unknown.</param>
sealed record TorchLibrary(string File, Version? Version, string? Blas)
{
    /// <summary>The environment variable with the folder of another libtorch than the one that comes with the program.</summary>
    public const string Variable = "LIBTORCH";

    /// <summary>The version of libtorch that TorchSharp was compiled for. Others have other symbols and layouts.</summary>
    public static Version BuiltFor { get; } = new(2, 10);

    /// <summary>True when the version is the one that TorchSharp was built for; true where the library cannot be asked.</summary>
    public bool IsRight => Version is null || (Version.Major, Version.Minor) == (BuiltFor.Major, BuiltFor.Minor);

    /// <summary>The library that TorchSharp uses. Loads the one that comes with the program when none is loaded.</summary>
    public static TorchLibrary Loaded()
    {
        torch.InitializeDeviceType(DeviceType.CPU);
        var file = Files().FirstOrDefault() ?? throw new TorchLibraryException("TorchSharp has loaded no libtorch");
        return Ask(file);
    }

    /// <summary>The files of libtorch's CPU part that this process has mapped: one, or the process has two libtorchs.</summary>
    public static IReadOnlyList<string> Files()
    {
        using var process = Process.GetCurrentProcess();
        var files = process.Modules.Cast<ProcessModule>().Select(module => module.FileName ?? "");
        return [.. files.Where(file => Path.GetFileName(file) == FileName("torch_cpu")).Distinct()];
    }

    /// <summary>
    /// Loads the libtorch of a folder, before TorchSharp looks for one. libLibTorchSharp then takes it, since the loader knows
    /// libraries by their names.
    /// </summary>
    /// <param name="folder">The folder with libtorch.so, or the one above its lib.</param>
    /// <exception cref="TorchLibraryException">There is none, it cannot be loaded, or it is of another version.</exception>
    public static TorchLibrary Load(string folder)
    {
        var name = FileName("torch");
        var found = new[] { folder, Path.Combine(folder, "lib") }.Select(Path.GetFullPath)
            .FirstOrDefault(candidate => System.IO.File.Exists(Path.Combine(candidate, name)))
            ?? throw Refused(folder, $"there is no {name} in it");
        try
        {
            var library = Ask(Path.Combine(found, FileName("torch_cpu")));
            if (!library.IsRight)
                throw Refused(folder, $"that is libtorch {library.Version}");
            NativeLibrary.Load(Path.Combine(found, name));
            return library;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Refused(folder, $"it cannot be loaded: {e.Message.Trim().Split('\n')[^1].Trim()}"); // the loader's own line
        }
    }

    /// <summary>The name of the file of a library of libtorch, by the conventions of this system.</summary>
    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    static TorchLibrary Ask(string file)
    {
        var configuration = Configuration(NativeLibrary.Load(file));
        var version = Regex.Match(configuration, @"\bTORCH_VERSION=(\d+\.\d+(\.\d+)?)");
        var blas = Regex.Match(configuration, @"\bBLAS_INFO=(\w+)");
        return new(
            file, version.Success ? Version.Parse(version.Groups[1].Value) : null, blas.Success ? blas.Groups[1].Value : null);
    }

    /// <summary>
    /// The text of at::show_config(), which TorchSharp does not pass on. It returns a std::string: with the Itanium ABI by a
    /// hidden first argument, in libstdc++ as a pointer, a length and 16 bytes. Empty where libtorch is not built with libstdc++.
    /// </summary>
    static unsafe string Configuration(nint library)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryGetExport(library, "_ZN2at11show_configB5cxx11Ev", out var show))
            return "";
        var text = stackalloc nint[4];
        ((delegate* unmanaged<nint*, nint*>)show)(text);
        var read = Marshal.PtrToStringUTF8(text[0], (int)text[1]);
        if (text[0] != (nint)(text + 2))
            NativeMemory.Free((void*)text[0]);
        return read;
    }

    static TorchLibraryException Refused(string folder, string reason) =>
        new($"{Variable} is \"{folder}\": {reason}; allowed is the folder of a libtorch {BuiltFor} (of a PyTorch wheel: "
            + "torch/lib), or nothing for the one that comes with the program");
}
