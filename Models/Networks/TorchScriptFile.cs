using System.IO.Compression;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>A file that PyTorch made of a network: opens it, and says in one sentence what is wrong with one that cannot be
/// opened.</summary>
static class TorchScriptFile
{
    const string Expected = "a file made by torch.jit.script(network).save(file)";

    /// <summary>Loads the module to host memory.</summary>
    /// <exception cref="ArgumentException">The file is not there, not TorchScript or damaged.</exception>
    public static jit.ScriptModule<Tensor, Tensor> Open(string path)
    {
        if (!File.Exists(path))
            throw Wrong(path, $"{(Directory.Exists(path) ? "is a folder" : "does not exist")}; expected {Expected}");
        try
        {
            return jit.load<Tensor, Tensor>(path);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Wrong(path, Defect(path) ?? $"cannot be loaded: {TorchScriptError.Reason(e)}", e);
        }
    }

    /// <summary>The defect of a file that libtorch does not load; null when the file looks like TorchScript. TorchScript is a zip
    /// archive with the code in a folder of its own.</summary>
    static string? Defect(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var isZip = stream.ReadByte() == 'P' && stream.ReadByte() == 'K';
            if (!isZip)
                return $"is not TorchScript; expected {Expected}";
            using var archive = new ZipArchive(stream);
            return archive.Entries.Any(entry => entry.FullName.Contains("/code/", StringComparison.Ordinal)) ? null
                : $"holds no code, so it is not TorchScript (torch.save writes such files); expected {Expected}";
        }
        catch (InvalidDataException)
        {
            return "is damaged: it begins as TorchScript and does not end as such";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message}";
        }
    }

    /// <summary>An error that names the file.</summary>
    public static ArgumentException Wrong(string path, string problem, Exception? inner = null) =>
        new($"model.path: {path}: {problem}", inner);
}
