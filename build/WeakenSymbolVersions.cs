#nullable enable
// The build compiles this file alone; the tests compile it without MSBuild's task.
using System.Text;
#if !WITHOUT_TASK
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Makes a copy of a library that older systems load, too: see <see cref="SymbolVersions"/>.</summary>
public sealed class WeakenSymbolVersions : Task
{
    /// <summary>The library as its package has it; it is only read.</summary>
    [Required]
    public string Source { get; set; } = "";

    /// <summary>The copy to write. It appears whole or not at all.</summary>
    [Required]
    public string Destination { get; set; } = "";

    /// <summary>The newest version of libstdc++'s symbols, such as 3.4.30, that every supported system has.</summary>
    [Required]
    public string NewestVersion { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            SymbolVersions.Weaken(Source, Destination, NewestVersion);
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is InvalidDataException)
        {
            Log.LogError("{0}", e.Message);
        }
        return !Log.HasLoggedErrors;
    }
}
#endif

/// <summary>
/// Copies an ELF library (64 bits, little-endian) and marks versions of libstdc++ that older systems lack as weak, so that the
/// loader takes the library without them. A version is marked only when no relocation needs a symbol of it. Layouts: System V
/// ABI, and "Symbol Versioning" of the Linux Standard Base, chapter 10.7.
/// </summary>
public sealed class SymbolVersions
{
    const uint SectionRela = 4, SectionDynamicSymbols = 11, SectionVersionSymbols = 0x6fffffff, SectionVersionNeeds = 0x6ffffffe;
    const uint SectionWithoutBytes = 8;
    const ushort Weak = 2, VersionMask = 0x7fff;

    readonly byte[] bytes;
    readonly Version newest;

    SymbolVersions(byte[] bytes, string newestVersion)
    {
        this.bytes = bytes;
        newest = Version.Parse(newestVersion);
    }

    /// <summary>Reads the source and writes the destination, whole or not at all.</summary>
    /// <exception cref="InvalidDataException">The source is no such library, or needs a symbol of a newer version.</exception>
    public static void Weaken(string source, string destination, string newestVersion)
    {
        byte[] bytes = File.ReadAllBytes(source);
        try
        {
            new SymbolVersions(bytes, newestVersion).Weaken();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(source + ": " + e.Message, e);
        }
        catch (Exception e) when (e is ArgumentException || e is IndexOutOfRangeException || e is OverflowException)
        {
            throw new InvalidDataException(
                source + ": is damaged or cut off: what its headers point at is not in it. Delete its package from the cache and "
                + "restore again.", e);
        }
        Write(bytes, destination);
    }

    void Weaken()
    {
        if (bytes.Length < 64 || bytes[0] != 0x7f || bytes[1] != 'E' || bytes[2] != 'L' || bytes[3] != 'F' || bytes[4] != 2
            || bytes[5] != 1)
            throw new InvalidDataException("is not a little-endian ELF library of 64 bits");
        List<Section> sections = Sections();
        Section needs = Only(sections, SectionVersionNeeds), symbols = Only(sections, SectionDynamicSymbols);
        Section versions = Only(sections, SectionVersionSymbols);
        HashSet<uint> relocated = RelocatedSymbols(sections.Where(section => section.Type == SectionRela));
        Section names = sections[(int)needs.Link], symbolNames = sections[(int)symbols.Link];
        long need = needs.Offset;
        for (uint left = needs.Info; left > 0; left--)
        {
            string library = Text(names, UInt32(need + 4));
            long version = need + UInt32(need + 8);
            for (ushort versionsLeft = UInt16(need + 2); versionsLeft > 0; versionsLeft--)
            {
                string name = Text(names, UInt32(version + 8));
                if (library.StartsWith("libstdc++.so", StringComparison.Ordinal) && IsNewer(name))
                {
                    ushort index = UInt16(version + 6);
                    string[] needed = relocated.Where(symbol => (UInt16(versions.Offset + 2L * symbol) & VersionMask) == index)
                        .Select(symbol => Text(symbolNames, UInt32(symbols.Offset + 24L * symbol)))
                        .OrderBy(symbol => symbol, StringComparer.Ordinal).ToArray();
                    if (needed.Length > 0)
                        throw new InvalidDataException(
                            "needs " + string.Join(", ", needed) + " of " + name + ", which systems whose " + library
                            + " ends at GLIBCXX_" + newest + " lack. Use a version of the package that needs less, or build with "
                            + "-p:WeakenTorchSharp=false for newer systems only.");
                    ushort flags = (ushort)(UInt16(version + 4) | Weak);
                    (bytes[version + 4], bytes[version + 5]) = ((byte)flags, (byte)(flags >> 8));
                }
                if (UInt32(version + 12) == 0) // the last one, whatever the count says
                    break;
                version += UInt32(version + 12);
            }
            if (UInt32(need + 12) == 0)
                break;
            need += UInt32(need + 12);
        }
    }

    bool IsNewer(string name) => name.StartsWith("GLIBCXX_", StringComparison.Ordinal)
        && Version.TryParse(name.Substring("GLIBCXX_".Length), out Version? version) && version > newest;

    HashSet<uint> RelocatedSymbols(IEnumerable<Section> relocations)
    {
        var relocated = new HashSet<uint>();
        foreach (Section section in relocations)
        {
            for (long at = section.Offset; at < section.Offset + section.Size; at += 24)
                relocated.Add(UInt32(at + 12));
        }
        return relocated;
    }

    List<Section> Sections()
    {
        var sections = new List<Section>();
        long table = Int64(0x28), size = UInt16(0x3a);
        for (int i = 0; i < UInt16(0x3c); i++)
        {
            long at = table + i * size;
            var section = new Section
            {
                Type = UInt32(at + 4),
                Offset = Int64(at + 24),
                Size = Int64(at + 32),
                Link = UInt32(at + 40),
                Info = UInt32(at + 44),
            };
            bool isInFile = section.Type != SectionWithoutBytes && section.Type != 0;
            bool isWhole = section.Offset >= 0 && section.Size >= 0 && section.Offset <= bytes.Length - section.Size;
            if (at > bytes.Length - 64 || (isInFile && !isWhole))
                throw new OverflowException();
            sections.Add(section);
        }
        return sections;
    }

    static Section Only(List<Section> sections, uint type) => sections.FirstOrDefault(section => section.Type == type)
        ?? throw new InvalidDataException("has no table of symbol versions");

    /// <summary>Writes beside the destination first: a hard link of an earlier copy keeps its content, and two builds at once
    /// both succeed.</summary>
    static void Write(byte[] bytes, string destination)
    {
        string temporary = destination + "." + Guid.NewGuid().ToString("N");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
            File.WriteAllBytes(temporary, bytes);
            File.Delete(destination);
            File.Move(temporary, destination);
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            File.Delete(temporary);
            if (!File.Exists(destination) || !File.ReadAllBytes(destination).SequenceEqual(bytes))
                throw new IOException(destination + ": cannot be written: " + e.Message, e);
        }
    }

    string Text(Section names, uint offset)
    {
        long start = names.Offset + offset, end = start;
        while (bytes[end] != 0)
            end++;
        return Encoding.ASCII.GetString(bytes, (int)start, (int)(end - start));
    }

    ushort UInt16(long at) => BitConverter.ToUInt16(bytes, checked((int)at));

    uint UInt32(long at) => BitConverter.ToUInt32(bytes, checked((int)at));

    long Int64(long at) => BitConverter.ToInt64(bytes, checked((int)at));

    sealed class Section
    {
        public uint Type { get; set; }

        public long Offset { get; set; }

        public long Size { get; set; }

        public uint Link { get; set; }

        public uint Info { get; set; }
    }
}
