namespace DecentralizedLion.Fuzz.Inputs;

/// <summary>A folder for parsers that read files, in memory where the system has such a place: a disk's sync would take all the
/// time.</summary>
sealed class Scratch : IDisposable
{
    const string InMemory = "/dev/shm";

    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(
        Directory.Exists(InMemory) ? InMemory : System.IO.Path.GetTempPath(), $"lion-fuzz-{Guid.NewGuid():N}")).FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, ReadOnlySpan<byte> bytes) => System.IO.File.WriteAllBytes(File(name), bytes);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
