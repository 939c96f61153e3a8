using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using DecentralizedLion.Models;

namespace DecentralizedLion.Peer.Cli;

/// <summary>
/// Runs the program on another libtorch than the one that comes with it. TorchSharp looks for libtorch by name, and the runtime
/// finds the program's own first even when another one is loaded, and two in one process end it. Only a load context is asked
/// before that.
/// </summary>
/// <param name="program">The program's assembly.</param>
/// <param name="library">The libtorch to use; it is loaded already.</param>
sealed class TorchLoadContext(Assembly program, TorchLibrary library) : AssemblyLoadContext("libtorch")
{
    readonly AssemblyDependencyResolver resolver = new(program.Location);

    /// <summary>The program's entry point, with its assemblies loaded anew.</summary>
    /// <returns>The exit code.</returns>
    public int Run(string[] arguments)
    {
        var main = LoadFromAssemblyPath(program.Location).EntryPoint!;
        return (int)main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var file = Path.Combine(Path.GetDirectoryName(library.File)!, TorchLibrary.FileName(unmanagedDllName));
        if (unmanagedDllName is "torch_cpu" or "torch_cuda")
            return File.Exists(file) ? NativeLibrary.Load(file) : 0;
        return resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
    }
}
