using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;

namespace DecentralizedLion.Models.Tests.Networks;

/// <summary>A folder of TorchScript files that Python makes when a test first asks, and that goes away with the tests.</summary>
public sealed class ScriptFiles : IDisposable
{
    static readonly string[] kinds = ["conv", "dropout", "tied", "frozen", "many", "tuple", "two", "one", "twelve", "detached",
        "bare", "norm", "state"];

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("torchscript");
    readonly Lazy<string> made;

    public ScriptFiles() => made = new(() =>
    {
        Python.Run("networks.py", ["make", folder.FullName, .. kinds]);
        return folder.FullName;
    });

    public string Path(string name) => System.IO.Path.Combine(made.Value, $"{name}.pt");

    /// <summary>A file's network for images, or for six tokens of a vocabulary.</summary>
    internal FlatModel Model(string name, int vocabulary = 0)
    {
        long[] shape = vocabulary > 0 ? [6] : [1, 16, 16];
        var settings = new TorchScriptSettings(Path(name), vocabulary > 0 ? 6 : 0);
        return Cases.Model(settings, shape, vocabulary > 0 ? vocabulary : 10);
    }

    /// <summary>Numbers that Python wrote beside the file.</summary>
    public T[] Numbers<T>(string name, string part)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(System.IO.Path.ChangeExtension(Path(name), part))).ToArray();

    /// <summary>The batch that Python computed a loss of.</summary>
    internal Batch Batch(string name)
    {
        var targets = Numbers<long>(name, "targets");
        return name == "tied"
            ? new Batch { InputShape = [3, 6], Tokens = Numbers<long>(name, "input"), Targets = targets }
            : new Batch { InputShape = [targets.Length, 1, 16, 16], Images = Numbers<float>(name, "input"), Targets = targets };
    }

    public void Dispose() => folder.Delete(recursive: true);
}
