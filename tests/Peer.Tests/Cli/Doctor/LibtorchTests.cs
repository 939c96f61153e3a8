using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Cli;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Cli.Doctor;

public sealed class LibtorchTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static string Bundled => Path.GetDirectoryName(TorchLibrary.Loaded().File)!;

    [Fact]
    public void The_bundled_library_is_the_one_that_TorchSharp_was_built_for()
    {
        Assert.StartsWith($"{TorchLibrary.BuiltFor}.", torch.__version__);
        var library = TorchLibrary.Loaded();
        Assert.True(library.IsRight);
        Assert.StartsWith(AppContext.BaseDirectory, library.File);
        Assert.Equal([library.File], TorchLibrary.Files());
        if (OperatingSystem.IsLinux())
            Assert.Equal(TorchLibrary.BuiltFor, new Version(library.Version!.Major, library.Version.Minor));
    }

    [Fact]
    public async Task LIBTORCH_is_the_only_libtorch_loaded_and_another_version_or_a_wrong_path_is_refused()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var other = Directory.CreateDirectory(Path.Combine(folder.Path, "torch", "lib")).FullName;
        foreach (var name in Directory.EnumerateFiles(Bundled).Select(file => Path.GetFileName(file)))
            if (name is "libtorch.so" or "libtorch_cpu.so" or "libc10.so" || name.StartsWith("libgomp", StringComparison.Ordinal))
                File.Copy(Path.Combine(Bundled, name), Path.Combine(other, name));
        var cpu = Path.Combine(other, "libtorch_cpu.so");

        // The check fails when two files of that name are mapped.
        Assert.Equal(("ok", true), await Check(other));
        Assert.Equal(("ok", true), await Check(Path.GetDirectoryName(other)!));

        // The text is an operand of an instruction, with the prefix of the next one behind it.
        Assert.True(Replace(cpu, "2.10f"u8, "2.11f"u8));
        await Refused(other, "that is libtorch 2.11.0; allowed is the folder of a libtorch 2.10");
        File.WriteAllText(cpu, "no library");
        await Refused(other, "it cannot be loaded: ");
        await Refused(folder.Path, "there is no libtorch.so in it");
        await Refused("/nowhere", "there is no libtorch.so in it");

        async Task<(string?, bool)> Check(string value)
        {
            var (_, output, error) = await Doctor(value);
            Assert.Equal("", error);
            using var json = JsonDocument.Parse(output);
            var line = json.RootElement.GetProperty("checks").EnumerateArray()
                .Single(check => check.GetProperty("check").GetString() == "libtorch");
            var text = line.GetProperty("text").GetString()!;
            return (line.GetProperty("status").GetString(), text.Contains($"of LIBTORCH ({cpu})"));
        }

        async Task Refused(string value, string reason)
        {
            var (code, output, error) = await Doctor(value);
            Assert.Equal((ExitCode.Usage, ""), (code, output));
            Assert.StartsWith($"LIBTORCH is \"{value}\": {reason}", error);
        }
    }

    public void Dispose() => folder.Dispose();

    async Task<(int Code, string Output, string Error)> Doctor(string libtorch)
    {
        var dotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var program = Path.Combine(AppContext.BaseDirectory, "peer.dll");
        var start = new ProcessStartInfo(dotnet, [program, "doctor", "--peers", "none.json", "--json"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[TorchLibrary.Variable] = libtorch;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Replaces every occurrence in a file.</summary>
    static unsafe bool Replace(string file, ReadOnlySpan<byte> old, ReadOnlySpan<byte> changed)
    {
        using var mapped = MemoryMappedFile.CreateFromFile(file);
        using var view = mapped.CreateViewAccessor();
        byte* at = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref at);
        var rest = new Span<byte>(at, checked((int)new FileInfo(file).Length));
        var found = false;
        for (int next; (next = rest.IndexOf(old)) >= 0; rest = rest[(next + 1)..], found = true)
            changed.CopyTo(rest[next..]);
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        return found;
    }
}
