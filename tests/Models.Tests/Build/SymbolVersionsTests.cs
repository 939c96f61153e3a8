using System.Buffers.Binary;
using System.Text;

namespace DecentralizedLion.Models.Tests.Build;

public sealed class SymbolVersionsTests : IDisposable
{
    const string Newest = "3.4.30";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("symbol-versions");

    /// <summary>TorchSharp's library in the output is the weakened one, so it is weakened already.</summary>
    static string Built => Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    [Fact]
    public void The_library_in_the_output_has_the_newer_version_as_weak_and_stays_as_it_is()
    {
        if (!OperatingSystem.IsLinux())
            return;
        byte[] built = File.ReadAllBytes(Built);
        Assert.Equal(built, Weaken(built));
        byte[] strict = WithFlags(built, 0);
        Assert.NotEqual(built, strict);
        Assert.Equal(built, Weaken(strict));
    }

    [Fact]
    public void A_version_that_no_relocation_uses_is_marked_and_nothing_else()
    {
        byte[] before = Library(relocated: "_ZSt4cout"), after = Weaken(before);
        int[] changed = [.. Enumerable.Range(0, before.Length).Where(i => before[i] != after[i])];
        int at = Assert.Single(changed);
        Assert.Equal((0, 2), (before[at], after[at]));
        Assert.Equal(after, Weaken(after));
        Assert.Equal(before, Weaken(before, "3.4.32"));
    }

    [Fact]
    public void A_relocation_that_needs_the_newer_version_is_an_error_that_names_the_symbol()
    {
        var error = Assert.Throws<InvalidDataException>(() => Weaken(Library(relocated: "_ZSt3newv")));
        Assert.Contains("needs _ZSt3newv of GLIBCXX_3.4.32", error.Message, StringComparison.Ordinal);
        Assert.Contains("in.so", error.Message, StringComparison.Ordinal);
        Assert.Contains("-p:WeakenTorchSharp=false", error.Message, StringComparison.Ordinal);
        Assert.Equal(["in.so"], Files());
    }

    [Fact]
    public void A_library_cut_off_anywhere_or_garbage_is_an_error_and_writes_nothing()
    {
        byte[] whole = Library(relocated: "_ZSt4cout");
        for (int length = 0; length < whole.Length; length++)
            Refused(whole[..length]);
        var random = new Random(1);
        byte[] garbage = new byte[5000];
        random.NextBytes(garbage);
        Refused(garbage);
        whole.AsSpan(0, 64).CopyTo(garbage);
        Refused(garbage);

        void Refused(byte[] bytes)
        {
            var error = Assert.Throws<InvalidDataException>(() => Weaken(bytes));
            Assert.Contains("in.so: ", error.Message, StringComparison.Ordinal);
            Assert.Equal(["in.so"], Files());
        }
    }

    [Fact]
    public void Bytes_changed_at_random_give_a_library_or_an_error_and_never_another_exception()
    {
        var random = new Random(2);
        for (int i = 0; i < 1000; i++)
        {
            byte[] mutated = Library(relocated: "_ZSt4cout");
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            var error = Record.Exception(() => Weaken(mutated));
            Assert.True(error is null or InvalidDataException, $"change {i}: {error}");
        }
    }

    [Fact]
    public void Another_name_of_an_earlier_copy_keeps_its_content()
    {
        if (OperatingSystem.IsWindows())
            return;
        string target = Path.Combine(folder.FullName, "out.so"), other = Path.Combine(folder.FullName, "linked.so");
        File.WriteAllText(target, "an earlier copy");
        using (var link = System.Diagnostics.Process.Start("ln", [target, other]))
            link.WaitForExit();
        byte[] written = Weaken(Library(relocated: "_ZSt4cout"));
        Assert.Equal("an earlier copy", File.ReadAllText(other));
        Assert.NotEqual("an earlier copy"u8.ToArray(), written);
    }

    public void Dispose() => folder.Delete(recursive: true);

    byte[] Weaken(byte[] library, string newest = Newest)
    {
        string source = Path.Combine(folder.FullName, "in.so"), target = Path.Combine(folder.FullName, "out.so");
        File.WriteAllBytes(source, library);
        SymbolVersions.Weaken(source, target, newest);
        Assert.Equal(library, File.ReadAllBytes(source));
        byte[] written = File.ReadAllBytes(target);
        File.Delete(target);
        return written;
    }

    string[] Files() => [.. folder.GetFiles().Select(file => file.Name)];

    /// <summary>The flags of the entry whose hash is that of GLIBCXX_3.4.32, in .gnu.version_r.</summary>
    static byte[] WithFlags(byte[] library, ushort flags)
    {
        byte[] changed = [.. library];
        byte[] hash = BitConverter.GetBytes(Hash("GLIBCXX_3.4.32"));
        int at = changed.AsSpan().IndexOf(hash);
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(at + 4), flags);
        return changed;
    }

    /// <summary>The ELF hash function of the System V ABI.</summary>
    static uint Hash(string name)
    {
        uint hash = 0;
        foreach (char c in name)
        {
            hash = (hash << 4) + c;
            uint high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }

    /// <summary>
    /// An ELF library of nothing but what the loader checks versions by: two symbols, _ZSt4cout of GLIBCXX_3.4 and _ZSt3newv of
    /// GLIBCXX_3.4.32, of which one has a relocation.
    /// </summary>
    static byte[] Library(string relocated)
    {
        const string names = "\0libstdc++.so.6\0GLIBCXX_3.4\0GLIBCXX_3.4.32\0_ZSt4cout\0_ZSt3newv\0";
        byte[] strings = Encoding.ASCII.GetBytes(names);
        byte[] symbols = [.. new byte[24], .. Symbol("_ZSt4cout"), .. Symbol("_ZSt3newv")];
        byte[] versions = [0, 0, 2, 0, 3, 0, 0, 0];
        byte[] relocations = [.. Words(0L), .. Words((uint)1, relocated == "_ZSt4cout" ? 1u : 2u), .. Words(0L)];
        byte[] needs =
        [
            1, 0, 2, 0, .. Words(Name("libstdc++.so.6"), 16u, 0u),
            .. Words(Hash("GLIBCXX_3.4")), 0, 0, 2, 0, .. Words(Name("GLIBCXX_3.4"), 16u),
            .. Words(Hash("GLIBCXX_3.4.32")), 0, 0, 3, 0, .. Words(Name("GLIBCXX_3.4.32"), 0u),
        ];
        (uint Type, byte[] Content, uint Link, uint Info)[] sections =
        [
            (0, [], 0, 0), (3, strings, 0, 0), (11, symbols, 1, 1),
            (0x6fffffff, versions, 2, 0), (0x6ffffffe, needs, 1, 1), (4, relocations, 2, 0),
        ];
        var library = new List<byte>(new byte[64]);
        var table = new List<byte>();
        foreach (var (type, content, link, info) in sections)
        {
            table.AddRange([.. Words(0u, type), .. Words(0L, 0L, library.Count, content.Length)]);
            table.AddRange([.. Words(link, info), .. Words(1L, 0L)]);
            library.AddRange(content);
        }

        byte[] header =
        [
            .. "\u007fELF"u8, 2, 1, 1, .. new byte[9], 3, 0, 62, 0, .. Words(1u), .. Words(0L, 0L, library.Count),
            .. Words(0u), 64, 0, 56, 0, 0, 0, 64, 0, (byte)sections.Length, 0, 1, 0,
        ];
        library.AddRange(table);
        byte[] whole = [.. library];
        header.CopyTo(whole, 0);
        return whole;

        static uint Name(string name) => (uint)names.IndexOf($"\0{name}\0", StringComparison.Ordinal) + 1;
        static byte[] Symbol(string name) => [.. Words(Name(name)), 0x12, 0, 0, 0, .. Words(0L, 0L)];
    }

    static byte[] Words(params uint[] words) => [.. words.SelectMany(BitConverter.GetBytes)];

    static byte[] Words(params long[] words) => [.. words.SelectMany(BitConverter.GetBytes)];
}
