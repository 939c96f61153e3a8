namespace DecentralizedLion.Models.Tests.Datasets;

/// <summary>A folder of a test's own, gone when the test ends.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lion-data-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, params byte[] content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A file or folder of ../shared/data beside the repository; null where there is none.</summary>
    public static string? Shared(string name)
    {
        var path = System.IO.Path.Combine(Repository.Root, "..", "shared", "data", name);
        return System.IO.Path.Exists(path) ? path : null;
    }
}
